import Runtime

/// Something that can be typed.
struct Command {
    /// The word that calls it.
    let name: StaticString
    /// What follows the name; empty when nothing does.
    let usage: StaticString
    /// One line of help.
    let help: StaticString
    /// What its arguments can be, for completion.
    var arguments = ArgumentKind.none
    /// Does it, in a task of its own. The words are those behind the name.
    let run: (Session, [[UInt8]]) throws(CommandError) -> Void

    /// How it is typed: name and usage.
    var synopsis: Text { usage.utf8CodeUnitCount == 0 ? "\(name)" : "\(name) \(usage)" }
}

extension Command {
    /// All of them, in the order in which `help` lists them.
    static var all: [Command] {
        [
            helpCommand, ls, cd, pwd, cat, hexdump, write, append, cp, mv, rm, mkdir, rmdir, touch, df, sync, check,
            plugTest, mount, settings, get, set, unset, echo, tasks, memory, interrupts, devices, log, clock,
            temperature, uptime, sleep, ip, ping, dns, netstat, iperf, tftp, remote, link, ethernet, mdio, usb, led,
            selfTest, version, crash, watchdog, reboot, powerOff,
        ]
    }
}
