import Interfaces
import Network
import Runtime

extension IPHost {
    /// Waits until the link of `interface` is up; two ends of a cable take some seconds to agree.
    /// - Throws: `.timedOut` at `deadline`, `.cancelled`.
    public func waitForLink(
        of interface: InterfaceID = InterfaceID(rawValue: 1), until deadline: Instant = .never
    ) throws(SocketError) {
        while !stack.isUp(interface) {
            guard SystemTime.now < deadline else { throw .timedOut }
            do throws(TaskError) { try Task.sleep(for: .milliseconds(20)) } catch { throw SocketError(error) }
        }
    }
}
