import Foundation
import Glibc

/// A person's terminal connected to a guest's console: shows what it writes, passes on what is typed.
///
/// It waits for everything at once and never in a write to the guest: what is typed waits here while the guest, or the line to it, takes
/// nothing, and Ctrl-A X works at any time.
package struct LiveConsole {
    /// The other end of the console.
    package protocol Peer: AnyObject {
        /// What the guest's output can be read from; negative while it is away.
        var outputDescriptor: Int32 { get }
        /// Where what is typed goes; negative while it is away.
        var inputDescriptor: Int32 { get }
        /// Whether what is typed waits until the guest has said something: before that nobody takes it.
        var speaksFirst: Bool { get }
        /// Called at the end of the output. Returns false if that is the end of the session.
        func outputEnded() -> Bool
    }

    /// Why a session ended.
    package enum End: Equatable, Sendable {
        case ended
        /// The person wanted out, or whoever read what is shown has gone.
        case quit
        case timedOut
    }

    /// What filters the output.
    package var view: ConsoleView
    /// What takes a network capture out of the output; nil for none.
    package var capture: CaptureFile?
    /// A file that gets everything shown, without colours.
    package var log: FileHandle?

    /// A console with this view.
    package init(view: ConsoleView, log: FileHandle? = nil) {
        self.view = view
        self.log = log
        var plain = view
        plain.isColoured = false
        plainView = plain
    }

    private var plainView: ConsoleView
    private var flow = FlowControl()
    /// What was typed and not sent yet.
    private var typed: [UInt8] = []
    /// What is typed may be sent: the guest is there.
    private var isHeard = false
    /// Nobody reads what is shown any more.
    private var isReaderGone = false

    /// Bytes taken from a pipe ahead of the guest.
    private static let readAhead = 4096
    /// Bytes sent at once: what is on its way when a board asks for a pause.
    private static let portion = 256
    /// Seconds after which a guest that ought to speak first is taken for a silent one.
    private static let silence = 10.0

    /// Runs until the guest or the person ends it, at most `timeout` seconds.
    package mutating func run(_ peer: some Peer, timeout: Double? = nil) -> End {
        Terminal.makeRaw()
        defer { Terminal.restore() }
        var keys = EscapeKeys()
        var isTyping = true
        isHeard = !peer.speaksFirst
        let start = Date()
        let deadline = timeout.map { Date(timeIntervalSinceNow: $0) }
        while true {
            let left = deadline?.timeIntervalSinceNow ?? 1
            guard left > 0 else { return finish(.timedOut) }
            // A person's keys are always read: one of them may be the way out.
            let takesKeys = isTyping && (Terminal.isInteractive || typed.count < Self.readAhead)
            if !isHeard, -start.timeIntervalSinceNow > Self.silence { isHeard = true }
            let ready = wait(for: peer, keys: takesKeys, milliseconds: Int32(min(left * 1000, 50) + 1))
            if ready.keys {
                switch handleKeys(&keys) {
                case .some(.quit): return finish(.quit)
                case .some: isTyping = false
                case nil: break
                }
            }
            if ready.input { send(to: peer) }
            if ready.output || peer.outputDescriptor < 0 {
                guard showOutput(of: peer) else { return finish(.ended) }
            } else if !ready.keys && !ready.input {
                show(capture?.flush() ?? [])
                present(view.flush(), plainView.flush())
            }
            if ready.isReaderGone || isReaderGone { return finish(.quit) }
        }
    }

    private struct Readiness {
        var (keys, output, input, isReaderGone) = (false, false, false, false)
    }

    private mutating func wait(for peer: some Peer, keys: Bool, milliseconds: Int32) -> Readiness {
        let sends = isHeard && !typed.isEmpty && flow.allowance(now: Date()) > 0
        // Of standard output only the end is of interest, which always comes.
        var entries = [
            pollfd(fd: keys ? 0 : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: peer.outputDescriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: sends ? peer.inputDescriptor : -1, events: Int16(POLLOUT), revents: 0),
            pollfd(fd: 1, events: 0, revents: 0),
        ]
        guard poll(&entries, nfds_t(entries.count), milliseconds) > 0 else { return Readiness() }
        var ready = Readiness()
        ready.keys = entries[0].revents != 0
        ready.output = entries[1].revents != 0
        ready.input = entries[2].revents != 0
        ready.isReaderGone = entries[3].revents & Int16(POLLERR | POLLHUP) != 0
        return ready
    }

    /// Reads what was typed. `.quit` when the person wants out, `.ended` at the end of standard input.
    private mutating func handleKeys(_ keys: inout EscapeKeys) -> End? {
        guard case .bytes(let bytes) = Descriptor.read(0, limit: Self.readAhead) else { return .ended }
        // Only a terminal has a person at it; from a pipe every byte is for the guest.
        guard Terminal.isInteractive else {
            typed += bytes
            return nil
        }
        for action in keys.take(bytes) {
            switch action {
            case .send(let bytes): type(bytes)
            case .help: Screen.note("\n" + EscapeKeys.help)
            case .quit: return .quit
            }
        }
        return nil
    }

    /// Ctrl-C goes before what was typed and not sent, which it takes back, as in any terminal.
    private mutating func type(_ bytes: [UInt8]) {
        let controlC: UInt8 = 3
        guard let interrupt = bytes.lastIndex(of: controlC) else { return typed += bytes }
        typed = Array(bytes[interrupt...])
    }

    private mutating func send(to peer: some Peer) {
        let count = min(typed.count, flow.allowance(now: Date()), Self.portion)
        guard count > 0, peer.inputDescriptor >= 0 else { return }
        let written = typed.withUnsafeBytes { write(peer.inputDescriptor, $0.baseAddress, count) }
        if written > 0 {
            typed.removeFirst(written)
            flow.didSend(now: Date())
        } else if written < 0 && errno != EAGAIN && errno != EINTR {
            // Nobody is there to read it; that the guest has ended is seen at its output.
            typed = []
        }
    }

    private mutating func showOutput(of peer: some Peer) -> Bool {
        guard peer.outputDescriptor >= 0, case .bytes(let bytes) = Descriptor.read(peer.outputDescriptor) else {
            present(view.flush(), plainView.flush())
            return peer.outputEnded()
        }
        isHeard = true
        let shown = flow.filter(bytes, now: Date())
        show(capture?.filter(shown) ?? shown)
        return true
    }

    private mutating func show(_ bytes: [UInt8]) {
        if !bytes.isEmpty { present(view.show(bytes), log == nil ? [] : plainView.show(bytes)) }
    }

    private mutating func finish(_ end: End) -> End {
        present(view.flush(), plainView.flush())
        return end
    }

    private mutating func present(_ bytes: [UInt8], _ plain: [UInt8]) {
        if !plain.isEmpty, let file = log {
            do {
                try file.write(contentsOf: plain)
            } catch {
                Screen.warning("the log takes no more, and ends here: \(error.localizedDescription)")
                log = nil
            }
        }
        if !bytes.isEmpty, !Descriptor.writeAll(bytes, to: 1) { isReaderGone = true }
    }
}
