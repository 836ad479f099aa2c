import Foundation

/// Whether a board can take more of what is typed: XON and XOFF, which it sends among its output.
///
/// A board that has asked for a pause and says nothing more may have started anew: after a second it is given a little; if it does not
/// ask again, everything goes on. It asks again for every 64 bytes that it gets.
struct FlowControl {
    // DC1 and DC3 of ECMA-48, as terminals use them.
    private static let xon: UInt8 = 0x11
    private static let xoff: UInt8 = 0x13
    /// Seconds of silence after which a board is tried, and after which a trial has succeeded.
    private static let patience = 1.0
    private static let trial = 0.25
    /// Bytes of a trial: what makes the board ask again.
    private static let trialSize = 64

    private enum State: Equatable {
        case open
        case held(since: Date)
        case tried(at: Date)
    }

    private var state = State.open

    /// Takes what the board has sent, and returns it without flow control.
    mutating func filter(_ bytes: [UInt8], now: Date) -> [UInt8] {
        guard bytes.contains(where: { $0 == Self.xon || $0 == Self.xoff }) else { return bytes }
        for byte in bytes {
            if byte == Self.xon { state = .open }
            if byte == Self.xoff { state = .held(since: now) }
        }
        return bytes.filter { $0 != Self.xon && $0 != Self.xoff }
    }

    /// How many bytes may be sent now.
    mutating func allowance(now: Date) -> Int {
        switch state {
        case .open: return .max
        case .held(let since):
            return now.timeIntervalSince(since) >= Self.patience ? Self.trialSize : 0
        case .tried(let time):
            guard now.timeIntervalSince(time) >= Self.trial else { return 0 }
            state = .open
            return .max
        }
    }

    /// Notes that something was sent.
    mutating func didSend(now: Date) {
        if case .held = state { state = .tried(at: now) }
    }
}
