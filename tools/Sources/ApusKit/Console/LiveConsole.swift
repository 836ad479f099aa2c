import Foundation

/// A person's terminal connected to a guest's console: shows what it writes, passes on what is typed.
package struct LiveConsole {
    /// The other end of the console.
    package protocol Peer: AnyObject {
        /// What the guest's output can be read from; negative while it is away.
        var outputDescriptor: Int32 { get }
        /// Sends what was typed.
        func send(_ bytes: [UInt8])
        /// Called at the end of the output. Returns false if that is the end of the session.
        func outputEnded() -> Bool
    }

    /// Why a session ended.
    package enum End: Equatable, Sendable {
        case ended
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

    /// Runs until the guest or the person ends it, at most `timeout` seconds.
    package mutating func run(_ peer: some Peer, timeout: Double? = nil) -> End {
        Terminal.makeRaw()
        defer { Terminal.restore() }
        var keys = EscapeKeys()
        var isTyping = true
        let deadline = timeout.map { Date(timeIntervalSinceNow: $0) }
        while true {
            let left = deadline?.timeIntervalSinceNow ?? 1
            guard left > 0 else { return .timedOut }
            let milliseconds = Int32(min(left * 1000, 50) + 1)
            let ready = Descriptor.wait(for: [isTyping ? 0 : -1, peer.outputDescriptor], milliseconds: milliseconds)
            if ready[0] {
                switch handleKeys(&keys, peer: peer) {
                case .some(.quit): return finish(.quit)
                case .some: isTyping = false
                case nil: break
                }
            }
            if ready[1] || peer.outputDescriptor < 0 {
                guard showOutput(of: peer) else { return finish(.ended) }
            } else if !ready[0] {
                show(capture?.flush() ?? [])
                present(view.flush(), plainView.flush())
            }
        }
    }

    /// Reads what was typed. `.quit` when the person wants out, `.ended` at the end of standard input.
    private func handleKeys(_ keys: inout EscapeKeys, peer: some Peer) -> End? {
        guard case .bytes(let bytes) = Descriptor.read(0) else { return .ended }
        // Only a terminal has a person at it; from a pipe every byte is for the guest.
        guard Terminal.isInteractive else {
            peer.send(bytes)
            return nil
        }
        for action in keys.take(bytes) {
            switch action {
            case .send(let bytes): peer.send(bytes)
            case .help: Screen.note("\n" + EscapeKeys.help)
            case .quit: return .quit
            }
        }
        return nil
    }

    private mutating func showOutput(of peer: some Peer) -> Bool {
        guard peer.outputDescriptor >= 0, case .bytes(let bytes) = Descriptor.read(peer.outputDescriptor) else {
            present(view.flush(), plainView.flush())
            return peer.outputEnded()
        }
        show(capture?.filter(bytes) ?? bytes)
        return true
    }

    private mutating func show(_ bytes: [UInt8]) {
        if !bytes.isEmpty { present(view.show(bytes), log == nil ? [] : plainView.show(bytes)) }
    }

    private mutating func finish(_ end: End) -> End {
        present(view.flush(), plainView.flush())
        return end
    }

    private func present(_ bytes: [UInt8], _ plain: [UInt8]) {
        if !plain.isEmpty { try? log?.write(contentsOf: plain) }
        if !bytes.isEmpty { Descriptor.writeAll(bytes, to: 1) }
    }
}
