import Interfaces
import Network
import Runtime

extension Text.Interpolation {
    /// An address, as `192.168.1.2`.
    @inline(never)
    public mutating func appendInterpolation(_ address: IPv4Address) {
        for index in 0..<4 {
            if index > 0 { appendInterpolation("." as StaticString) }
            appendInterpolation(address[index])
        }
    }

    /// A network, as `192.168.1.0/24`.
    public mutating func appendInterpolation(_ prefix: IPv4Prefix) {
        appendInterpolation(prefix.network)
        appendInterpolation("/" as StaticString)
        appendInterpolation(prefix.length)
    }

    /// An address and a port, as `192.168.1.2:80`. Addresses that are not IPv4 are a question mark.
    public mutating func appendInterpolation(_ endpoint: Endpoint) {
        if let address = endpoint.address.v4 { appendInterpolation(address) } else { appendInterpolation("?" as StaticString) }
        appendInterpolation(":" as StaticString)
        appendInterpolation(UInt64(endpoint.port.rawValue))
    }

    /// A hardware address, as `dc:a6:32:01:02:03`.
    @inline(never)
    public mutating func appendInterpolation(_ address: HardwareAddress) {
        for index in 0..<6 {
            if index > 0 { appendInterpolation(":" as StaticString) }
            let digits: StaticString = "0123456789abcdef"
            for digit in [address[index] >> 4, address[index] & 15] {
                unsafe appendInterpolation([digits.utf8Start[Int(digit)]])
            }
        }
    }
}
