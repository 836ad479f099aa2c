/// A line editor for a serial terminal: bytes in, screen output and finished lines out. Pure: no console, no clock.
///
/// Typed characters at the end are echoed; everything else redraws the line. A line longer than the screen scrolls sideways, so that
/// the terminal never wraps it; a terminal wider than `columns` is fine.
public struct LineEditor: Sendable {
    /// What a byte brought about.
    public enum Event: Equatable, Sendable {
        /// A line was finished.
        case line([UInt8])
        /// Tab was hit: whoever knows the candidates calls `complete`.
        case completion
        /// Control-C: the line was given up.
        case interrupt
        /// Control-D on an empty line.
        case endOfInput
    }

    /// U+FFFD, the replacement character: shown where bytes were lost on the way here, or had no room in the line. It can be removed like
    /// any other; whoever runs lines refuses one that holds it.
    public static let loss: Unicode.Scalar = "\u{fffd}"

    /// Whether bytes of `line` were lost.
    public static func isIncomplete(_ line: [UInt8]) -> Bool {
        // Its three bytes in UTF-8.
        for index in line.indices.dropLast(2)
        where line[index] == 0xef && line[index + 1] == 0xbf && line[index + 2] == 0xbd {
            return true
        }
        return false
    }

    /// The line being edited.
    public private(set) var line = EditedLine()
    /// The lines before.
    public private(set) var history: History
    /// Bytes for the terminal that nobody has taken yet.
    public private(set) var output: [UInt8] = []

    private var decoder = KeyDecoder()
    private var prompt: [UInt8] = []
    private let maximumLength: Int
    private let columns: Int
    /// The first byte of the line that is on the screen.
    private var windowStart = 0

    /// An editor of lines of at most `maximumLength` bytes, and one `loss` on a screen of at least `columns` columns.
    public init(maximumLength: Int = 1024, historyLimit: Int = 64, columns: Int = 80) {
        self.maximumLength = maximumLength
        self.columns = columns
        history = History(limit: historyLimit)
    }

    /// Starts a line behind `prompt`, which is short.
    public mutating func begin(prompt: [UInt8]) {
        self.prompt = prompt
        line = EditedLine()
        windowStart = 0
        output += prompt
    }

    /// Hands out what the terminal is to show.
    public mutating func takeOutput() -> [UInt8] {
        let bytes = output
        output = []
        return bytes
    }

    /// Takes a byte from the terminal.
    public mutating func take(_ byte: UInt8) -> Event? {
        guard let key = decoder.take(byte) else { return nil }
        switch key {
        case .enter: return finish()
        case .interrupt: return giveUp()
        case .tab: return .completion
        case .endOfInput:
            if line.bytes.isEmpty { return .endOfInput }
            edit { $0.removeForward() }
        case .text(let scalar): insert(scalar)
        case .clearScreen:
            output += [0x1b, 0x5b, 0x48, 0x1b, 0x5b, 0x32, 0x4a]  // ESC [ H, ESC [ 2 J
            redraw()
        case .up: recall(history.up(from: line.bytes))
        case .down: recall(history.down())
        default: edit { LineEditor.apply(key, to: &$0) }
        }
        return nil
    }

    private static func apply(_ key: Key, to line: inout EditedLine) {
        switch key {
        case .left: line.moveLeft()
        case .right: line.moveRight()
        case .home: line.moveHome()
        case .end: line.moveEnd()
        case .wordLeft: line.moveWordLeft()
        case .wordRight: line.moveWordRight()
        case .backspace: line.removeBackward()
        case .delete: line.removeForward()
        case .killToEnd: line.removeToEnd()
        case .killToStart: line.removeToStart()
        case .killWord: line.removeWord()
        default: break
        }
    }

    // MARK: Keys

    private mutating func finish() -> Event {
        output += [ASCII.carriageReturn, ASCII.lineFeed]
        let text = line.bytes
        history.add(text)
        line = EditedLine()
        return .line(text)
    }

    private mutating func giveUp() -> Event {
        // ^C, where it does not make the terminal wrap.
        if Columns.count(line.bytes[windowStart..<line.cursor]) + 2 <= room { output += [0x5e, 0x43] }
        output += [ASCII.carriageReturn, ASCII.lineFeed]
        history.reset()
        line = EditedLine()
        return .interrupt
    }

    private mutating func insert(_ scalar: Unicode.Scalar) {
        let length = UTF8.width(scalar)
        guard line.bytes.count + length <= maximumLength else {
            // Half a line is not what was meant, either.
            let end = line.bytes.suffix(3)
            if !LineEditor.isIncomplete(Array(end)) {
                line.moveEnd()
                line.insert(LineEditor.loss)
                redraw()
            }
            return output.append(ASCII.bell)
        }
        let isAtEnd = line.cursor == line.bytes.count
        line.insert(scalar)
        let shown = line.bytes[windowStart...]
        guard isAtEnd, Columns.count(shown) < room else { return redraw() }
        output += line.bytes.suffix(length)
    }

    private mutating func recall(_ text: [UInt8]?) {
        guard let text else { return output.append(ASCII.bell) }
        line.replace(with: text)
        windowStart = 0
        redraw()
    }

    private mutating func edit(_ change: (inout EditedLine) -> Void) {
        let cursor = line.cursor
        let count = line.bytes.count
        change(&line)
        if line.cursor != cursor || line.bytes.count != count { redraw() }
    }

    // MARK: Completion

    /// Answers `.completion`: `candidates` are what the word that starts at byte `start` could become.
    ///
    /// What they have in common is put in place of the word; a single one with what follows it. When that changes nothing, the
    /// candidates are listed, at most 100 of them.
    public mutating func complete(from start: Int, with candidates: [Candidate]) {
        guard let first = candidates.first, start <= line.cursor else { return output.append(ASCII.bell) }
        let common = Candidate.commonPrefix(candidates)
        // What cannot be typed is not put into the line, either: the line is shown as it is.
        let shown = VisibleText.shownPrefix(of: common)
        var replacement = Words.escaped(shown)
        if candidates.count == 1, shown.count == common.count { replacement += first.suffix }
        let word = [UInt8](line.bytes[start..<line.cursor])
        let length = line.bytes.count - word.count + replacement.count
        guard length <= maximumLength else { return output.append(ASCII.bell) }
        if replacement.count >= word.count, replacement != word {
            line.replace(from: start, with: replacement)
            windowStart = 0
            redraw()
        } else {
            list(candidates)
        }
    }

    private mutating func list(_ candidates: [Candidate]) {
        output += [ASCII.carriageReturn, ASCII.lineFeed]
        var used = 0
        for candidate in candidates.prefix(100) {
            let text = candidate.name + (candidate.suffix.first == ASCII.slash ? [ASCII.slash] : [])
            let width = Columns.count(text[...]) + 2
            if used > 0, used + width > columns {
                output += [ASCII.carriageReturn, ASCII.lineFeed]
                used = 0
            }
            output += VisibleText.name(text) + [ASCII.space, ASCII.space]
            used += width
        }
        output += [ASCII.carriageReturn, ASCII.lineFeed]
        redraw()
    }

    // MARK: Screen

    /// Columns there are for the line: the last one stays free, where terminals differ about wrapping.
    private var room: Int { max(8, columns - Columns.count(prompt[...]) - 1) }

    /// Draws prompt, line and cursor anew. The window moves by half its width, so that it rests while one types.
    public mutating func redraw() {
        if line.cursor < windowStart || Columns.count(line.bytes[...]) < room { windowStart = 0 }
        while Columns.count(line.bytes[windowStart..<line.cursor]) >= room { advanceWindow(room / 2) }
        var end = windowStart
        var used = 0
        while end < line.bytes.count {
            let next = Columns.scalar(in: line.bytes, at: end)
            if used + next.columns > room { break }
            used += next.columns
            end += next.length
        }
        output.append(ASCII.carriageReturn)
        output += prompt
        output += line.bytes[windowStart..<end]
        output += [0x1b, 0x5b, 0x4b]  // ESC [ K: erase the rest
        let back = used - Columns.count(line.bytes[windowStart..<line.cursor])
        if back > 0 { output += [0x1b, 0x5b] + Array("\(back)".utf8) + [0x44] }  // ESC [ n D: left
    }

    private mutating func advanceWindow(_ columns: Int) {
        var passed = 0
        while windowStart < line.cursor {
            let next = Columns.scalar(in: line.bytes, at: windowStart)
            // A mark goes with the character that it combines with.
            if passed >= columns, next.columns > 0 { return }
            passed += next.columns
            windowStart += next.length
        }
    }
}
