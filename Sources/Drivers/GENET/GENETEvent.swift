/// What happens to a GENET now and then.
public enum GENETEvent: Equatable, Sendable {
    /// The link has come up, gone down, or both.
    case linkChanged
    /// The partner has paused us for seconds; its pause frames are ignored from now on.
    case partnerPauses
    /// The controller got stuck and was restarted.
    case restarted
}
