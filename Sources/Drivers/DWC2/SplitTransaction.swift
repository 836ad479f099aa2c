// How a split transaction works. Between the controller and the hub it has two halves: the first tells the hub what to do on the slower bus, the second
// fetches what became of it. An interrupt endpoint's has its time to the microframe: the hub begins in the microframe after the first half,
// tells the device that its data has arrived, and forgets the result some microframes later. Nobody gets it back then.
// USB 2.0, 11.14 to 11.22.

/// Where a split transaction stands, as the interrupt handler goes on with it. Microframes are numbered as in HFNUM.
struct SplitTransaction {
    /// Between whom the next step is.
    enum Stage {
        /// Waits for a microframe to begin in.
        case awaitsStart
        /// The first half is with the hardware.
        case starting
        /// Waits for the hub.
        case awaitsCompletion
        /// The second half is with the hardware.
        case completing
    }

    /// What is to be done now.
    enum Step {
        case wait
        case start
        case complete
    }

    /// What the end of a half means.
    enum Outcome {
        /// Go on with `step`.
        case goesOn
        /// The next packet is taken for the one after it; go on with `step`.
        case toggles
        /// The packet has passed, or the endpoint or the bus refused it: the task's turn.
        case isOver
    }

    /// HFNUM has 14 bits.
    private static var lastFrame: UInt32 { 0x3FFF }
    /// Second halves in a row that may go wrong. USB 2.0, 11.17.1.
    private static var mostFailures: Int { 3 }

    private(set) var stage = Stage.awaitsStart
    /// Of an interrupt endpoint.
    private var isPeriodic = false
    /// The microframe of the first half; where there is no time to keep, of the last attempt.
    private var frame: UInt32 = 0
    private var failures = 0
    /// A result was not fetched in its time. The device may have been told that its packet arrived: the next may be marked as this one, or as
    /// the one after it.
    var isUncertain = false

    /// Whether a microframe is waited for.
    var isWaiting: Bool { stage == .awaitsStart || stage == .awaitsCompletion }

    /// A new transaction.
    mutating func begin(isPeriodic: Bool, isUncertain: Bool) {
        self.isPeriodic = isPeriodic
        self.isUncertain = isUncertain
        stage = .awaitsStart
        failures = 0
    }

    /// What may go to the hardware in microframe `now`. What belongs to an interrupt endpoint goes out in the microframe after it.
    mutating func step(in now: UInt32) -> Step {
        switch stage {
        case .starting, .completing: return .wait
        case .awaitsStart: return start(in: now)
        case .awaitsCompletion: break
        }
        if !isPeriodic { return attempt(.completing, in: now) ? .complete : .wait }
        let distance = (now &+ 1 &- frame) & Self.lastFrame
        // The hub has nothing before the second microframe, and nothing across the end of the frame.
        if distance < 2 { return .wait }
        if frame & 7 + distance > 7 {
            isUncertain = true
            stage = .awaitsStart
            return start(in: now)
        }
        stage = .completing
        return .complete
    }

    /// Begins in the first four microframes of a frame, so that the result comes in the same one. The hub's rule is milder: not in microframe 6.
    private mutating func start(in now: UInt32) -> Step {
        if !isPeriodic { return attempt(.starting, in: now) ? .start : .wait }
        let next = (now &+ 1) & Self.lastFrame
        guard next & 7 <= 3 else { return .wait }
        frame = next
        stage = .starting
        return .start
    }

    /// One attempt a microframe: the slower bus takes its time.
    private mutating func attempt(_ next: Stage, in now: UInt32) -> Bool {
        if now == frame { return false }
        frame = now
        stage = next
        return true
    }

    /// Takes note that the hardware has ended a half for `causes` in microframe `now`.
    mutating func end(_ causes: ChannelInterrupts, in now: UInt32) -> Outcome {
        let isFirst = stage == .starting
        if causes.contains(.frameOverrun) {
            // Nothing was sent.
            stage = isFirst ? .awaitsStart : .awaitsCompletion
            return .goesOn
        }
        if isFirst {
            if !isPeriodic { frame = now }
            if causes.contains(.ack) {
                stage = .awaitsCompletion
                return .goesOn
            }
            // The hub has no room.
            if causes.contains(.nak), !isPeriodic {
                stage = .awaitsStart
                return .goesOn
            }
            return .isOver
        }
        return endSecond(causes, in: now)
    }

    private mutating func endSecond(_ causes: ChannelInterrupts, in now: UInt32) -> Outcome {
        if !isPeriodic { frame = now }
        if causes.contains(.nyet) {
            stage = .awaitsCompletion
            return .goesOn
        }
        if causes.contains(.toggleError), isUncertain {
            stage = .awaitsCompletion
            return .toggles
        }
        if causes.contains(.transactionError) {
            failures += 1
            isUncertain = isPeriodic
            guard failures < Self.mostFailures else { return .isOver }
            // The hub keeps what it has for that case.
            stage = .awaitsCompletion
            return .goesOn
        }
        if causes.contains(.complete) { isUncertain = false }
        return .isOver
    }
}
