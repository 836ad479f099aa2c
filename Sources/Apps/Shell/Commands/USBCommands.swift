import Interfaces
import RaspberryPi4
import RaspberryPi4USB
import Runtime
import ShellCore
import Storage
import USB

// usb, mount: what is plugged into the USB port.

extension Command {
    static var usb: Command {
        Command(
            name: "usb", usage: "[network]",
            help: "what is plugged into USB; a keyboard types from then on; adapters beside the Ethernet",
            arguments: .words(["network"])
        ) { (session, words) throws(CommandError) in
            if words == [Array("network".utf8)] { return try session.network().addUSB() }
            guard words.isEmpty else { throw .usage }
            do throws(DeviceError) {
                try Board.openUSBKeyboard()
                let ports = try Board.openUSB()
                // First gathered, then shown: showing waits for the console, and devices come and go meanwhile.
                let lines = ports.bus.devices.map { USBDescription.line($0) }
                if lines.isEmpty { session.line("nothing is plugged in") }
                for line in lines { session.line(line) }
            } catch {
                throw .failed("USB: \(error)")
            }
        }
    }

    static var mount: Command {
        Command(
            name: "mount", usage: "[card|usb]",
            help: "whose files the commands see; with card, a disk on USB may be unplugged",
            arguments: .words(["card", "usb"])
        ) { (session, words) throws(CommandError) in
            switch words {
            case []: session.line(session.stick == nil ? "card" : "usb")
            case [Array("card".utf8)]:
                session.use(stick: nil)
                try session.shell.stick.unmount()
            case [Array("usb".utf8)]: session.use(stick: try session.shell.stick.mount())
            default: throw .usage
            }
        }
    }
}
