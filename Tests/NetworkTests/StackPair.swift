import Interfaces

@testable import Network

/// A stack with its end of a cable.
final class StackHost {
    var stack: NetworkStack
    /// What this host sends, on its way to the other.
    var cable: FaultInjector
    let interface: InterfaceID
    /// Events that nobody has asked for yet.
    var events: [StackEvent] = []

    init(
        _ number: UInt8, faults: FaultInjector.Faults, seed: UInt64, configuration: NetworkStack.Configuration,
        unit: Int = 1500
    ) {
        stack = NetworkStack(key: SecretKey(UInt64(number), seed), configuration: configuration)
        cable = FaultInjector(faults, seed: seed &+ UInt64(number))
        let hardware = HardwareAddress(bits: 0x0200_0000_0000 | UInt64(number))
        interface = try! stack.addInterface(LinkDescription(hardware: hardware, maximumTransmissionUnit: unit))
        stack.setLink(isUp: true, of: interface, now: .at(0))
        stack.setAddress(
            InterfaceAddress(IPv4Address(10, 0, 0, number), prefixLength: 24), of: interface, now: .at(0), into: &cable)
    }

    var address: IPv4Address { stack.address(of: interface)!.address }

    func send(_ bytes: [UInt8], from socket: NetworkStack.SocketID, to remote: Endpoint, now: Instant)
        throws(StackError)
    {
        cable.now = now
        try stack.send(bytes.span.bytes, from: socket, to: remote, now: now, into: &cable)
        stack.flush(now, into: &cable)
    }

    func receive(from socket: NetworkStack.SocketID) throws(StackError) -> (sender: Endpoint, bytes: [UInt8])? {
        var buffer = [UInt8](repeating: 0, count: 65536)
        var span = buffer.mutableSpan
        var raw = span.mutableBytes
        guard let datagram = try stack.receive(from: socket, into: &raw) else { return nil }
        return (datagram.sender, Array(buffer[..<datagram.length]))
    }

    func write(_ bytes: [UInt8], to connection: ConnectionID) throws(TCPError) -> Int {
        try stack.write(bytes.span.bytes, to: connection)
    }

    func read(_ connection: ConnectionID, limit: Int = 65536) throws(TCPError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: limit)
        var span = buffer.mutableSpan
        var raw = span.mutableBytes
        return Array(buffer[..<(try stack.read(from: connection, into: &raw))])
    }

    func state(_ connection: ConnectionID) -> TCPState { stack.ask(connection) { $0.state } ?? .closed }
}

/// Two hosts on one cable, in virtual time.
final class StackPair {
    let left: StackHost
    let right: StackHost
    var now = Instant.at(1)
    /// Sees each frame before it arrives; false drops it.
    var filter: ((_ toLeft: Bool, RawSpan) -> Bool)?

    init(
        _ faults: FaultInjector.Faults = FaultInjector.Faults(), seed: UInt64 = 1,
        configuration: NetworkStack.Configuration = NetworkStack.Configuration(), unit: Int = 1500
    ) {
        left = StackHost(1, faults: faults, seed: seed, configuration: configuration, unit: unit)
        right = StackHost(2, faults: faults, seed: seed &* 31, configuration: configuration, unit: unit)
    }

    /// Runs until `isDone`, which is asked after each step and may act, or nothing more can happen, or `limit` has passed.
    @discardableResult
    func run(for limit: Interval = .seconds(600), until isDone: () -> Bool = { false }) -> Bool {
        let stop = now + limit
        while true {
            step(left, from: right, isLeft: true)
            step(right, from: left, isLeft: false)
            if isDone() {
                flush()
                return true
            }
            flush()
            let next = [left.stack.deadline, right.stack.deadline, left.cable.deadline, right.cable.deadline].min()!
            if next == .never || next > stop {
                if stop != .never { now = max(now, stop) }
                return isDone()
            }
            now = max(now, next)
        }
    }

    func flush() {
        for host in [left, right] {
            host.cable.now = now
            host.stack.flush(now, into: &host.cable)
        }
    }

    private func step(_ host: StackHost, from other: StackHost, isLeft: Bool) {
        host.cable.now = now
        other.cable.deliver(until: now) { frame in
            if let filter, !filter(isLeft, frame) { return }
            host.stack.receive(frame, checksum: .unknown, on: host.interface, now: now, into: &host.cable)
        }
        if host.stack.deadline <= now { host.stack.advance(to: now, into: &host.cable) }
        host.stack.flush(now, into: &host.cable)
        while let event = host.stack.nextEvent() { host.events.append(event) }
    }
}
