import Glibc

/// What this process leaves behind when a signal ends it: no child that runs on alone, and the terminal as it was.
///
/// Not everything can be told from the outside: a process that is killed by `SIGKILL` leaves both.
package enum Endings {
    /// The signals that end a command: Ctrl-C, `kill`, a terminal that is closed, Ctrl-\.
    private static let signals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]

    // Read by a signal handler: a fixed place, words that are written whole. 0 is a free one.
    private static let places = 16
    nonisolated(unsafe) private static let children: UnsafeMutablePointer<pid_t> = {
        let places = UnsafeMutablePointer<pid_t>.allocate(capacity: Self.places)
        places.initialize(repeating: 0, count: Self.places)
        return places
    }()

    /// From now on a signal ends the children that were added, puts the terminal back, and then ends this process as it would have. One that
    /// is ignored, as by `nohup`, stays so.
    package static func install() {
        _ = children
        for number in signals {
            var current = sigaction()
            guard sigaction(number, nil, &current) == 0, current.__sigaction_handler.sa_handler == nil else { continue }
            signal(number) { number in
                Endings.endChildren()
                Terminal.restore()
                Glibc.signal(number, SIG_DFL)
                kill(getpid(), number)
            }
        }
    }

    /// A child that is not to outlive this process.
    static func add(_ child: pid_t) {
        for index in 0..<places where children[index] == 0 {
            children[index] = child
            return
        }
    }

    /// A child that has ended.
    static func remove(_ child: pid_t) {
        for index in 0..<places where children[index] == child { children[index] = 0 }
    }

    private static func endChildren() {
        for index in 0..<places where children[index] > 0 { kill(children[index], SIGKILL) }
    }
}
