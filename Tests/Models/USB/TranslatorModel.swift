import Interfaces

/// The transaction translators of hubs of high speed, one a hub. USB 2.0, 11.14 to 11.22.
///
/// What a first half asks for is done on the slower bus in its time. The result of an interrupt endpoint's is kept for some microframes, and the device
/// has been told by then that it arrived: one that is not fetched is lost. Others are kept until they are fetched, or somebody clears
/// them; there is room for two.
public final class TranslatorModel {
    /// Where a transaction goes, and from which hub.
    struct Route: Hashable {
        var hub: UInt8
        var address: UInt8
        var endpoint: UInt8
        var isIn: Bool
        var isPeriodic: Bool
        var isLow: Bool
    }

    /// What a second half is answered.
    enum Result {
        case notYet
        /// The same, and it was asked for too often.
        case tooOften
        case answer(USBAnswer, mark: UInt32)
    }

    private struct Transaction {
        var start: UInt64
        var answer: (USBAnswer, UInt32)?
        var askedIn: UInt64 = 0
        var asked = 0
        var serial: Int
    }

    /// Results with data that nobody fetched in time.
    public private(set) var lostResults = 0
    /// First halves so far.
    public private(set) var starts = 0
    private let clock: VirtualClock
    private var transactions: [Route: Transaction] = [:]
    private var serial = 0

    init(_ clock: VirtualClock) { self.clock = clock }

    /// Forgets everything: the port above was reset.
    func reset() { transactions = [:] }

    /// Buffers of a hub that hold something for endpoints of the other kinds.
    public func buffersInUse(of hub: UInt8) -> Int { transactions.keys.count { $0.hub == hub && !$0.isPeriodic } }

    /// CLEAR_TT_BUFFER. USB 2.0, 11.24.2.3.
    func clear(hub: UInt8, address: UInt8, endpoint: UInt8, isIn: Bool) {
        for route in transactions.keys
        where route.hub == hub && route.address == address && route.endpoint == endpoint && !route.isPeriodic {
            // Requests have one buffer for both directions.
            if endpoint == 0 || route.isIn == isIn { transactions[route] = nil }
        }
    }

    /// A first half in microframe `frame`. False when there is no room for it.
    func start(
        _ route: Route, data: [UInt8], size: Int, isSetup: Bool, mark: UInt32, _ frame: UInt64,
        _ device: @escaping () -> USBFunctionModel?
    ) -> (isTaken: Bool, trouble: String?) {
        starts += 1
        let busy = transactions.keys.count { $0.hub == route.hub && !$0.isPeriodic && $0 != route }
        if !route.isPeriodic, busy >= 2 { return (false, nil) }
        serial += 1
        let number = serial
        transactions[route] = Transaction(start: frame, serial: number)
        // A periodic one begins with the next microframe.
        let onBus: UInt64 = route.isLow ? 170_000 : 30_000
        let begin = route.isPeriodic ? 125_000 - clock.now.nanoseconds % 125_000 : 5000
        clock.schedule(after: .nanoseconds(begin + onBus)) { [self] in
            guard transactions[route]?.serial == number else { return }
            transactions[route]!.answer = Self.perform(route, device(), data, size, isSetup: isSetup, mark: mark)
        }
        if route.isPeriodic { expire(route, number, frame) }
        return (true, route.isPeriodic && frame & 7 == 6 ? "an interrupt transaction is started in microframe 6" : nil)
    }

    private static func perform(
        _ route: Route, _ device: USBFunctionModel?, _ data: [UInt8], _ size: Int, isSetup: Bool, mark: UInt32
    ) -> (USBAnswer, UInt32) {
        var answer: (USBAnswer, UInt32) = (.silence, 0)
        if let device {
            if isSetup {
                answer = (device.takeSetup(data), 0)
            } else if route.isIn {
                answer = device.give(size, from: route.endpoint)
            } else {
                answer = (device.take(data, at: route.endpoint, marked: mark), 0)
            }
        }
        // Three times nothing is told as a stall.
        if answer.0 == .silence, !route.isPeriodic { answer.0 = .stall }
        return answer
    }

    /// A result is kept to the end of the fourth microframe after the first half, and not into the next frame.
    private func expire(_ route: Route, _ number: Int, _ frame: UInt64) {
        let last = min(frame + 4, frame | 7)
        let end = Instant(nanoseconds: (last + 1) * 125_000)
        clock.schedule(after: end - clock.now) { [self] in
            guard let old = transactions[route], old.serial == number else { return }
            if case .data? = old.answer?.0 { lostResults += 1 }
            if old.answer == nil { unfinished(route, number) } else { transactions[route] = nil }
        }
    }

    /// Time is over before the slower bus has come to an end: nobody hears of that.
    private func unfinished(_ route: Route, _ number: Int) {
        clock.schedule(after: .microseconds(300)) { [self] in
            guard let old = transactions[route], old.serial == number else { return }
            if case .data? = old.answer?.0 { lostResults += 1 }
            transactions[route] = nil
        }
    }

    private var delivered: Route?

    /// A second half in microframe `frame`.
    func complete(_ route: Route, _ frame: UInt64) -> Result {
        guard var transaction = transactions[route] else { return .notYet }
        transaction.asked = transaction.askedIn == frame ? transaction.asked + 1 : 1
        transaction.askedIn = frame
        transactions[route] = transaction
        if route.isPeriodic, frame > min(transaction.start + 4, transaction.start | 7) { return .notYet }
        guard let answer = transaction.answer, !route.isPeriodic || frame >= transaction.start + 2 else {
            return transaction.asked > 2 ? .tooOften : .notYet
        }
        delivered = route
        // The data of an interrupt endpoint stays to be fetched again, should the host have trouble with it.
        if case .data = answer.0, route.isPeriodic { return .answer(answer.0, mark: answer.1) }
        transactions[route] = nil
        return .answer(answer.0, mark: answer.1)
    }

    /// The host has taken the data that was given last.
    func release(_ channel: Int) {
        if let delivered { transactions[delivered] = nil }
        delivered = nil
    }
}
