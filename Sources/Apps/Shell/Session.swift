import Interfaces
import Runtime
import ShellCore
import Storage

/// A person at a console: the line editor, the current directory, the command that runs.
///
/// Three tasks share a console. One reads its bytes and passes them on; the session's own edits lines; each command runs in one of
/// its own, while the session keeps the bytes that arrive and turns Control-C into its cancellation.
final class Session {
    /// What the session's task waits for.
    private enum Event {
        case byte(UInt8)
        /// The command with this number has done its work.
        case ended(UInt32)
    }

    let shell: Shell
    let console: any Console
    /// Whether the person is at the other end of a connection, and may end the session.
    let isRemote: Bool
    /// The volume of a disk on USB, when the session looks at that one rather than at the card's.
    private(set) var stick: FATVolume?
    /// The current directory: absolute, without a slash at the end.
    var directory: [UInt8] = [ASCII.slash]

    private let inputName: StaticString
    private let read: () throws(TaskError) -> UInt8
    private let events = Channel<Event>(capacity: 64)
    private var editor = LineEditor()
    /// Bytes that arrived while a command ran.
    private var typedAhead: [UInt8] = []
    private var typedAheadStart = 0
    private var commandNumber: UInt32 = 0

    /// Bytes typed ahead that are kept; what comes on top is lost.
    private static let typeAheadLimit = 65536

    /// A session on `console`, whose next byte `read` waits for.
    init(
        _ shell: Shell, _ console: any Console, inputName: StaticString, isRemote: Bool = false,
        _ read: @escaping () throws(TaskError) -> UInt8
    ) {
        self.shell = shell
        self.console = console
        self.inputName = inputName
        self.isRemote = isRemote
        self.read = read
    }

    /// Looks at `stick` from now on, or at the card again.
    func use(stick: FATVolume?) {
        self.stick = stick
        directory = [ASCII.slash]
    }

    /// Takes commands until the end of the program, or of what `read` reads from.
    /// - Throws: `.closed` at the end of a remote session.
    func run() throws(TaskError) {
        let input = try Task.spawn(inputName, priority: .high) { [self] () throws(TaskError) in
            // Where the bytes can end, the session ends with them.
            defer { events.close() }
            while true { try events.send(.byte(try read())) }
        }
        input.detach()
        while true {
            editor.begin(prompt: prompt)
            send(editor.takeOutput())
            if let line = try readLine() { try execute(line) }
        }
    }

    private var prompt: [UInt8] {
        Prompt.bytes(directory: directory)
    }

    // MARK: Lines

    /// The next line; nil when the person gave it up.
    private func readLine() throws(TaskError) -> [UInt8]? {
        while true {
            let event = editor.take(try nextByte())
            if case .completion = event { complete() }
            send(editor.takeOutput())
            switch event {
            case .line(let line): return line
            case .interrupt: return nil
            case .endOfInput:
                write("\n")
                if isRemote { throw .closed }
                line("There is nothing behind this shell: `poweroff` turns the board off, `reboot` starts it again.")
                return nil
            case .completion, nil: break
            }
        }
    }

    private func nextByte() throws(TaskError) -> UInt8 {
        if typedAheadStart < typedAhead.count {
            defer { typedAheadStart += 1 }
            return typedAhead[typedAheadStart]
        }
        typedAhead = []
        typedAheadStart = 0
        while true {
            if case .byte(let byte) = try events.receive() { return byte }
        }
    }

    private func complete() {
        let line = editor.line
        let (start, word, before) = Words.last(of: Array(line.bytes[..<line.cursor]))
        editor.complete(from: start, with: Completion(self).candidates(for: word, behind: before))
    }

    // MARK: Commands

    private func execute(_ line: [UInt8]) throws(TaskError) {
        if LineEditor.isIncomplete(line) { return self.line("bytes of this line were lost on the way: it was not run") }
        let words: [[UInt8]]
        do throws(Words.Failure) {
            words = try Words.split(line)
        } catch {
            return self.line("\(error.message)")
        }
        guard let name = words.first else { return }
        guard let command = shell.command(name) else {
            return self.line("\(name): no such command; `help` lists those there are")
        }
        try run(command, Array(words.dropFirst()))
    }

    private func run(_ command: Command, _ words: [[UInt8]]) throws(TaskError) {
        commandNumber &+= 1
        let number = commandNumber
        let task: Task
        do throws(TaskError) {
            task = try Task.spawn("command") { [self] () throws(TaskError) in
                perform(command, words)
                try events.send(.ended(number))
            }
        } catch {
            return line("\(command.name): not enough memory for a task")
        }
        if try !awaitEnd(number) { task.cancel() }
        try task.join()
    }

    /// Returns true when command `number` has ended, false when the person hit Control-C.
    private func awaitEnd(_ number: UInt32) throws(TaskError) -> Bool {
        while true {
            switch try events.receive() {
            case .ended(let which): if which == number { return true }
            case .byte(0x03):
                write("^C\n")
                typedAhead = []
                typedAheadStart = 0
                return false
            case .byte(let byte): keep(byte)
            }
        }
    }

    private func keep(_ byte: UInt8) {
        if typedAhead.count < Session.typeAheadLimit { return typedAhead.append(byte) }
        if typedAhead.count == Session.typeAheadLimit { typedAhead.append(LostInput.mark) }
    }

    private func perform(_ command: Command, _ words: [[UInt8]]) {
        do throws(CommandError) {
            try command.run(self, words)
        } catch {
            switch error {
            case .usage: line("usage: \(command.synopsis)")
            case .failed(let reason): line("\(command.name): \(reason)")
            case .cancelled: break
            }
        }
    }

    /// Throws `.cancelled` when the person has hit Control-C. Commands call it wherever they could go on for long.
    func checkCancellation() throws(CommandError) {
        do throws(TaskError) { try Task.checkCancellation() } catch { throw .cancelled }
    }

    // MARK: Output

    /// Shows `text` and a newline.
    func line(_ text: Text = "") {
        write(text)
        write("\n")
    }

    /// Shows `text`.
    func write(_ text: Text) { write(text.bytes) }

    /// Shows `text` without what a terminal would obey, wherever the text comes from; its newlines become what a terminal wants. The one way
    /// out for commands.
    func write(_ text: [UInt8]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count + 8)
        for byte in VisibleText.bytes(text) {
            if byte == ASCII.lineFeed { bytes.append(ASCII.carriageReturn) }
            bytes.append(byte)
        }
        send(bytes)
    }

    private func send(_ bytes: [UInt8]) {
        if !bytes.isEmpty { unsafe console.write(bytes.span.bytes) }
    }
}
