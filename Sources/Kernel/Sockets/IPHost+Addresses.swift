import Interfaces
import Network
import Runtime

extension IPHost {
    /// Opens a connection to the first of `addresses` that answers, and waits until it stands. Each is tried in turn (RFC 1123, section
    /// 2.3): one that refuses or cannot be reached makes room for the next at once, one that is silent when its share of the time is over.
    /// - Throws: what the last one that was tried threw, as `connect(to:until:configuration:)`; `.invalid` when there is no address.
    public func connect(
        toFirstOf addresses: [IPAddress], port: Port, until deadline: Instant, configuration: TCPConfiguration? = nil
    ) throws(SocketError) -> TCPConnection {
        var failure = SocketError.invalid
        for (index, address) in addresses.enumerated() {
            let now = SystemTime.now
            let left = UInt64(addresses.count - index)
            let share =
                deadline == .never || deadline <= now
                ? deadline : now + Interval(nanoseconds: (deadline - now).nanoseconds / left)
            do throws(SocketError) {
                return try connect(to: Endpoint(address, port), until: share, configuration: configuration)
            } catch {
                if error == .cancelled || error == .full { throw error }
                failure = error
            }
        }
        throw failure
    }
}
