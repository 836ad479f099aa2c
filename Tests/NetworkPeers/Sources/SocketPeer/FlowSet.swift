import Glibc
import PeerPattern

/// Many connections, some of them at the same time.
struct FlowSet {
    private(set) var done = 0
    private(set) var failed = 0
    /// Bytes that came, of all connections that have ended.
    private(set) var bytes = 0
    private(set) var milliseconds = 0
    private let address: Address
    private let plan: Flow.Plan
    private let atOnce: Int
    private var left: Int
    private var flows: [Flow] = []
    private var buffer = [UInt8](repeating: 0, count: 65536)
    private let pattern = Pattern()

    init(_ kind: Flow.Kind, to address: Address, _ options: Options) {
        self.address = address
        left = options.number("connections", or: 1)
        atOnce = options.number("at-once", or: left)
        plan = Flow.Plan(
            kind: kind, bytes: options.number("bytes", or: 1 << 20), write: options.number("write", or: 16384),
            stall: options.number("stall", or: 0))
    }

    /// Opens and serves connections until all have ended.
    mutating func run() {
        let start = now()
        while left > 0 || !flows.isEmpty {
            while left > 0, flows.count < atOnce {
                flows.append(Flow(plan, to: address))
                left -= 1
            }
            turn()
        }
        milliseconds = now() - start
    }

    private mutating func turn() {
        var descriptors = flows.map { pollfd(fd: $0.socket, events: $0.interest, revents: 0) }
        let patience = flows.compactMap(\.patience).min() ?? 1000
        poll(&descriptors, nfds_t(descriptors.count), Int32(patience))
        for (flow, descriptor) in zip(flows, descriptors) where descriptor.revents != 0 {
            flow.step(descriptor.revents, &buffer, pattern)
        }
        for flow in flows where flow.isOver { count(flow) }
        flows.removeAll { $0.isOver }
    }

    private mutating func count(_ flow: Flow) {
        bytes += flow.received
        guard let failure = flow.failure else {
            done += 1
            return
        }
        failed += 1
        if failed <= 5 { SocketPeer.say("failed: \(failure)") }
    }
}
