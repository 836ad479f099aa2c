import Interfaces
import PowerManagement
import RaspberryPi4
import Runtime
import ShellCore

// watchdog: a reset that comes unless somebody asks for it to wait.

extension Command {
    static var watchdog: Command {
        Command(
            name: "watchdog", usage: "[seconds|off]",
            help: "reset the board in so many seconds unless asked again before"
        ) { (session, words) throws(CommandError) in
            guard words.count <= 1 else { throw .usage }
            let watchdog = Board.power
            if let word = words.first { try set(watchdog, word) }
            guard watchdog.isRunning else { return session.line("the watchdog is off") }
            session.line("a reset comes in \(decimal: watchdog.remaining.nanoseconds / 1_000_000, 3) s")
        }
    }

    private static func set(_ watchdog: some Watchdog, _ word: [UInt8]) throws(CommandError) {
        if word == Array("off".utf8) { return watchdog.stop() }
        // A released QEMU resets at once instead of counting.
        if Board.isEmulated { throw .failed("this emulator's watchdog does not count") }
        let longest = watchdog.longestTimeout.nanoseconds / 1_000_000_000
        guard let seconds = Number.parse(word), (1...longest).contains(seconds) else {
            throw .failed("it counts 1 to \(longest) seconds")
        }
        watchdog.kick(timeout: .seconds(seconds))
    }
}
