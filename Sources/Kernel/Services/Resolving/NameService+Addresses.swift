import DHCP
import DNS
import Network

extension NameService {
    /// Asks the servers of an interface's configuration from now on, and looks for short names in its domains; nil asks nobody.
    public func configure(_ configuration: InterfaceConfiguration?) {
        configure(
            ResolverConfiguration(
                servers: configuration?.nameServers ?? [],
                searchList: (configuration?.searchList ?? []).compactMap {
                    DNSName(String(decoding: $0.bytes, as: UTF8.self))
                }))
    }
}
