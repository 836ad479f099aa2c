/// What a person did, whatever bytes the terminal made of it.
public enum Key: Equatable, Sendable {
    /// A character that can be seen.
    case text(Unicode.Scalar)
    /// Return, as CR, LF or both.
    case enter
    /// Removes the character before the cursor.
    case backspace
    /// Removes the character under the cursor.
    case delete
    /// Moves of the cursor.
    case left, right, home, end, wordLeft, wordRight
    /// Earlier and later lines.
    case up, down
    /// Completion.
    case tab
    /// Removes from the cursor to the end or to the start of the line, or the word before the cursor.
    case killToEnd, killToStart, killWord
    /// Control-L.
    case clearScreen
    /// Control-C.
    case interrupt
    /// Control-D: ends the input when the line is empty, removes a character otherwise.
    case endOfInput
}
