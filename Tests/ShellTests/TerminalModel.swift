import ShellCore

/// A terminal as far as the line editor uses one, and a complaint about everything else.
struct TerminalModel {
    /// The characters of the row the cursor is in, each with the columns it takes.
    private(set) var row: [(text: String, columns: Int)] = []
    /// The column the cursor is in.
    private(set) var column = 0
    /// Rows that were left with a line feed.
    private(set) var finished: [String] = []
    private(set) var bells = 0
    /// What an editor must not send, if it did.
    private(set) var complaint: String?
    let columns: Int

    init(columns: Int = 80) { self.columns = columns }

    /// The text of the row the cursor is in.
    var text: String { row.map(\.text).joined() }

    mutating func show(_ bytes: [UInt8]) {
        guard let string = String(validating: bytes, as: UTF8.self) else {
            complaint = "no UTF-8: \(bytes)"
            return
        }
        var scalars = string.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            switch scalar.value {
            case 0x07: bells += 1
            case 0x0d: column = 0
            case 0x0a:
                finished.append(text)
                row = []
                column = 0
            case 0x1b: escape(&scalars)
            case 0..<0x20, 0x7f..<0xa0: complaint = "control character \(scalar.value)"
            default: put(scalar)
            }
        }
    }

    private mutating func escape(_ scalars: inout String.UnicodeScalarView.Iterator) {
        guard scalars.next() == "[" else { return complaint = "escape sequence without [" }
        var number = 0
        while let scalar = scalars.next() {
            switch scalar {
            case "0"..."9": number = number * 10 + Int(scalar.value) - 48
            case "K": return row = Array(row.prefix(cell(at: column)))
            case "D": return column = max(0, column - number)
            case "H": return column = 0
            case "J": return row = []
            default: return complaint = "escape sequence \(scalar)"
            }
        }
        complaint = "unfinished escape sequence"
    }

    private mutating func put(_ scalar: Unicode.Scalar) {
        let text = String(scalar)
        let width = Columns.count(Array(text.utf8)[...])
        let index = cell(at: column)
        if width == 0 {
            if index > 0 { row[index - 1].text += text }
            return
        }
        if index < row.count { row[index] = (text, width) } else { row.append((text, width)) }
        column += width
        if column >= columns { complaint = "the cursor reaches column \(column)" }
    }

    /// The index of the cell that starts at `column`.
    private func cell(at column: Int) -> Int {
        var start = 0
        for index in row.indices {
            if start >= column { return index }
            start += row[index].columns
        }
        return row.count
    }
}
