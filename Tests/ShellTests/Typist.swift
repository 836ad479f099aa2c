import ShellCore

/// A line editor with a terminal.
struct Typist {
    var editor: LineEditor
    var terminal: TerminalModel
    var events: [LineEditor.Event] = []

    init(maximumLength: Int = 1024, historyLimit: Int = 64, columns: Int = 80, prompt: String = "apus> ") {
        editor = LineEditor(maximumLength: maximumLength, historyLimit: historyLimit, columns: columns)
        terminal = TerminalModel(columns: columns)
        editor.begin(prompt: Array(prompt.utf8))
        terminal.show(editor.takeOutput())
    }

    /// Types `text`; a finished line is followed by a new prompt, as in the shell.
    mutating func type(_ text: String) { type(Array(text.utf8)) }

    mutating func type(_ bytes: [UInt8]) {
        for byte in bytes {
            let event = editor.take(byte)
            terminal.show(editor.takeOutput())
            guard let event else { continue }
            events.append(event)
            if event == .completion { continue }
            editor.begin(prompt: Array("apus> ".utf8))
            terminal.show([0x0d, 0x0a] + editor.takeOutput())
        }
    }

    /// Answers Tab.
    mutating func complete(from start: Int, _ candidates: [Candidate]) {
        editor.complete(from: start, with: candidates)
        terminal.show(editor.takeOutput())
    }

    var line: String { String(decoding: editor.line.bytes, as: UTF8.self) }

    var lines: [String] {
        events.compactMap { event in
            if case .line(let bytes) = event { String(decoding: bytes, as: UTF8.self) } else { nil }
        }
    }
}
