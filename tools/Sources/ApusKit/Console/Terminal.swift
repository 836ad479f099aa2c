import Glibc
import Synchronization

/// The person's terminal, while it passes every key on to a guest.
package enum Terminal {
    // What to put back, wherever this process ends. Guarded, because a signal may end it.
    private static let saved = Mutex<termios?>(nil)

    /// Whether standard input is a terminal.
    package static var isInteractive: Bool { isatty(0) == 1 }

    /// Hands keys over one by one, unechoed, until `restore()`; `Endings` restores it, too. Does nothing if standard input is no terminal.
    package static func makeRaw() {
        guard isInteractive else { return }
        var settings = termios()
        guard tcgetattr(0, &settings) == 0 else { return }
        let original = settings
        saved.withLock { $0 = original }
        cfmakeraw(&settings)
        // Output stays cooked: what this process itself prints has bare line feeds.
        settings.c_oflag |= tcflag_t(OPOST | ONLCR)
        tcsetattr(0, TCSADRAIN, &settings)
        atexit { Terminal.restore() }
    }

    /// Puts the terminal back as it was.
    package static func restore() {
        let original = saved.withLockIfAvailable { settings in
            defer { settings = nil }
            return settings
        }
        if var original = original ?? nil { tcsetattr(0, TCSADRAIN, &original) }
    }
}
