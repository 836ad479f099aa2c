import Interfaces

/// An exclusion for one task: the second to come in before the first has left would wait for ever, and traps.
final class Turnstile: Exclusion {
    private var isTaken = false
    /// When true, whoever comes is told that it was cancelled.
    var isClosed = false

    func enter() -> Bool {
        if isClosed { return false }
        precondition(!isTaken, "a call of the volume waits for another that waits for it")
        isTaken = true
        return true
    }

    func leave() { isTaken = false }
}
