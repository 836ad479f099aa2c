import Interfaces

@testable import MQTT

/// A session, and the packets of a broker beside it.
struct Bench {
    var session: MQTTSession
    var now = Instant(nanoseconds: 1_000_000_000)

    init(_ change: (inout MQTTOptions) -> Void = { _ in }) {
        var options = MQTTOptions()
        options.identifier = Array("me".utf8)
        change(&options)
        session = MQTTSession(options)
    }

    /// What the session sends, packet by packet.
    mutating func sent() throws -> [[UInt8]] {
        var rest = session.takeOutput()
        var packets: [[UInt8]] = []
        while !rest.isEmpty {
            let found = try MQTTPacket.length(in: rest.span.bytes)
            let length = found ?? rest.count
            packets.append(Array(rest[..<length]))
            rest.removeFirst(length)
        }
        return packets
    }

    mutating func sentText() throws -> [String] { try sent().map { Self.hex($0) } }

    mutating func receive(_ hex: String) throws(MQTTError) -> MQTTEvent? {
        let bytes = Self.bytes(hex)
        let (used, event) = try session.receive(bytes.span.bytes, now: now)
        precondition(used == bytes.count)
        return event
    }

    /// A connection that the broker accepts.
    mutating func connect(isResumed: Bool = false, _ properties: String = "") throws -> [String] {
        session.begin(now: now)
        _ = session.takeOutput()
        let count = Self.bytes(properties).count
        let event = try receive(
            "20" + Self.hex([UInt8(3 + count)]) + (isResumed ? "01" : "00") + "00" + Self.hex([UInt8(count)])
                + properties)
        precondition(event == .connected(isResumed: isResumed))
        return try sentText()
    }

    static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    static func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex.filter { $0 != " " })
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0...$0 + 1]), radix: 16)! }
    }
}
