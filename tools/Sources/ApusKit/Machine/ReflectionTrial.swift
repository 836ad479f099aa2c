import Foundation

/// Sends numbered frames to a machine that runs `Reflect` and compares what comes back: nothing changed, nothing overtaken, and nothing
/// lost but what the model of the controller counts as overflow.
package struct ReflectionTrial {
    /// How long the frames are, from the destination address to the end of the payload.
    package enum Length: Sendable {
        /// All the same.
        case fixed(Int)
        /// Any between these, by the frame's number.
        case varying(ClosedRange<Int>)
    }

    /// What came of it.
    package struct Result: Sendable {
        /// Frames sent.
        package var sent = 0
        /// Frames that came back whole and in order.
        package var received = 0
        /// Frames that came back changed.
        package var corrupted = 0
        /// Frames that came back after a later one, or twice.
        package var reordered = 0
        /// Frames that the model had no room for.
        package var overflows = 0
        /// From the first frame sent to the last one back.
        package var seconds = 0.0

        /// The number that may come next.
        fileprivate var nextNumber = 0

        /// Frames that are missing, and that the model does not know of.
        package var unexplained: Int { sent - received - corrupted - reordered - overflows }
        /// Frames that came back in a second.
        package var rate: Int { seconds > 0 ? Int(Double(received) / seconds) : 0 }
    }

    private let machine: Machine
    private let link: FrameLink
    private let length: Length
    /// Frames that are under way at most.
    private let window: Int
    private let guest: [UInt8]
    private let pattern: [UInt8]

    /// An address for this end of the cable.
    package static let address: [UInt8] = [0x02, 0, 0, 0, 0, 0x02]
    /// The type of the frames: local experimental EtherType 1 (IEEE 802).
    package static let type: [UInt8] = [0x88, 0xB5]
    private static let header = 14
    private static let numberedHeader = header + 8

    /// A trial with a machine whose interface has the address `guest`. A window larger than the controller's ring of 256 lets it overflow.
    package init(_ machine: Machine, guest: [UInt8], length: Length, window: Int) throws {
        guard let link = machine.frames else { throw MachineError.noControl("the machine's network is not `.frames`") }
        self.machine = machine
        self.link = link
        self.length = length
        self.window = window
        self.guest = guest
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        pattern = (0..<8192).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
    }

    /// Sends `count` frames, or as many as go in `seconds`, and waits for the last one.
    package func run(count: Int = .max, seconds: Double = .infinity) throws -> Result {
        var result = Result()
        let before = try overflows()
        let start = Date()
        var isOver: Bool { result.sent >= count || Date().timeIntervalSince(start) >= seconds }
        var idle = 0
        var isSending = true
        while idle < 50 {
            isSending = isSending && !isOver
            if isSending { fill(&result, until: count) }
            link.exchange(milliseconds: 100)
            let new = takeAll(&result)
            if new > 0 {
                result.seconds = Date().timeIntervalSince(start)
                idle = 0
                continue
            }
            if link.waiting > 0 && !link.hasEnded { continue }
            // Nothing comes: all is back, or what is missing was lost.
            result.overflows = try overflows() - before
            if !isSending && result.unexplained <= 0 { break }
            if result.unexplained > 0 { idle += 1 }
        }
        result.overflows = try overflows() - before
        return result
    }

    /// What the model had no room for since it was made.
    private func overflows() throws -> Int {
        let text = try machine.monitor("qom-get /machine/genet overflows")
        guard let value = Int(text.filter(\.isNumber)) else { throw MachineError.noControl(text) }
        return value
    }

    // MARK: Sending

    private func fill(_ result: inout Result, until count: Int) {
        var frame: [UInt8] = []
        while result.sent < count, link.waiting < 128 << 10, result.unexplained < window {
            make(result.sent, to: guest, from: Self.address, into: &frame)
            link.enqueue(frame)
            result.sent += 1
        }
    }

    private func length(of number: Int) -> Int {
        switch length {
        case .fixed(let length): length
        case .varying(let range): range.lowerBound + (number &* 7919 ^ number >> 3) % range.count
        }
    }

    private func make(_ number: Int, to: [UInt8], from: [UInt8], into frame: inout [UInt8]) {
        frame.removeAll(keepingCapacity: true)
        frame += to
        frame += from
        frame += Self.type
        for shift in stride(from: 56, through: 0, by: -8) { frame.append(UInt8(truncatingIfNeeded: number >> shift)) }
        let rest = length(of: number) - Self.numberedHeader
        let offset = (number &* 31) % (pattern.count - 2048)
        frame += pattern[offset..<offset + rest]
    }

    // MARK: Receiving

    private func takeAll(_ result: inout Result) -> Int {
        var expected: [UInt8] = []
        var count = 0
        while true {
            let next = result.nextNumber
            let number: Int?? = link.take { frame in
                guard frame.count >= Self.numberedHeader, frame.dropFirst(12).starts(with: Self.type) else {
                    return nil
                }
                var number = 0
                for byte in frame.dropFirst(Self.header).prefix(8) { number = number << 8 | Int(byte) }
                guard number < result.sent, number >= 0 else { return -1 }
                make(number, to: Self.address, from: guest, into: &expected)
                return frame.elementsEqual(expected) ? number : -1
            }
            guard let number else { return count }
            // The guest's own frames are none of ours.
            guard let number else { continue }
            count += 1
            if number < 0 {
                result.corrupted += 1
            } else if number < next {
                result.reordered += 1
            } else {
                result.received += 1
                result.nextNumber = number + 1
            }
        }
    }
}

extension ReflectionTrial.Result {
    /// Whether every frame came back as it was sent or was counted as an overflow.
    package var isSound: Bool { corrupted == 0 && reordered == 0 && unexplained == 0 }
}
