import Interfaces

/// An exclusion for one task: the second to come in before the first has left would wait for ever, and traps.
final class Turnstile: Exclusion {
    private var isTaken = false
    /// When true, whoever comes is told that it was cancelled.
    var isClosed = false
    /// True when the caller is cancelled in the middle of its work.
    var isCancelled = false
    /// How often long work has let others have their turn.
    private(set) var pauses = 0
    /// Pauses until the caller is cancelled.
    var pausesUntilCancelled: Int?
    /// What others do in a pause.
    var others: (() -> Void)?

    func enter() -> Bool {
        if isClosed { return false }
        precondition(!isTaken, "a call of the volume waits for another that waits for it")
        isTaken = true
        return true
    }

    func leave() { isTaken = false }

    func pause() {
        pauses += 1
        if let left = pausesUntilCancelled {
            pausesUntilCancelled = left > 0 ? left - 1 : nil
            isCancelled = left == 0
        }
        isTaken = false
        others?()
        isTaken = true
    }
}
