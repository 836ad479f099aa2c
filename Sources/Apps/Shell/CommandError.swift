import Runtime

/// Why a command did not do what was asked.
enum CommandError: Error {
    /// It was called wrongly: its usage is shown.
    case usage
    /// Says in one line what is the matter and, if possible, what to do.
    case failed(Text)
    /// The person hit Control-C.
    case cancelled
}
