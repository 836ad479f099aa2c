/// What can be put where a command's argument is being typed.
enum ArgumentKind {
    /// Nothing that is known.
    case none
    /// Files and directories on the card, or directories alone.
    case path, directory
    /// Names of commands.
    case command
    /// One of these words.
    case words([StaticString])
}
