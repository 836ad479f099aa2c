/// Lets one task at a time through. For modules that know nothing of tasks and yet must not be entered by a second one
/// while the first waits for a device.
///
/// The runtime has one (`TaskExclusion`); a program without tasks needs none.
public protocol Exclusion: AnyObject {
    /// Returns true when it is the caller's turn, which lasts until it calls `leave`; first come, first served. Returns false
    /// when it gets none: it does not call `leave` then.
    func enter() -> Bool

    /// Ends the caller's turn.
    func leave()

    /// Lets everybody who waits have a turn, in the middle of long work, and returns when it is the caller's again, whether it was
    /// cancelled or not. Called in a turn.
    func pause()

    /// True when the caller was cancelled: long work ends where it can. Asked in a turn.
    var isCancelled: Bool { get }
}

extension Exclusion {
    /// Nobody waits where there is one task.
    public func pause() {}
    /// Nobody cancels where there is one task.
    public var isCancelled: Bool { false }
}
