import Interfaces
import RaspberryPi4
import Runtime
import SelfTestChecks
import ShellCore
import Sockets

// link, ethernet, mdio: the device below the network. The first command that asks for it starts both.

extension Command {
    static var link: Command {
        Command(name: "link", usage: "", help: "start the network, and what its link is") {
            (session, words) throws(CommandError) in
            guard words.isEmpty else { throw .usage }
            let device = try session.network().device
            session.line("\(device.hardwareAddress), \(device.link)")
        }
    }

    static var ethernet: Command {
        Command(
            name: "ethernet", usage: "[auto | 10 | 100 [half | full]]",
            help: "what the device below the network has counted, or the mode of its link"
        ) {
            (session, words) throws(CommandError) in
            if !words.isEmpty { return try setLinkPreference(words) }
            let counted = try session.network().device.statistics
            let rows: [(StaticString, UInt64)] = [
                ("received frames", counted.receivedFrames), ("received bytes", counted.receivedBytes),
                ("sent frames", counted.transmittedFrames), ("sent bytes", counted.transmittedBytes),
                ("received and dropped", counted.receiveDrops), ("wrong checksums", counted.checksumErrors),
                ("overruns", counted.overruns), ("no room to send", counted.transmitRingFull),
                ("given up while sending", counted.transmitAbandoned), ("link came up", counted.linksUp),
                ("link went down", counted.linksDown), ("restarts", counted.restarts),
                ("failures to reach the PHY", counted.phyErrors),
            ]
            for (name, value) in rows { session.line("\("\(name)", left: 28)\("\(value)", right: 12)") }
        }
    }

    /// Forces a mode upon the on-board Ethernet, or lets it negotiate again.
    private static func setLinkPreference(_ words: [[UInt8]]) throws(CommandError) {
        let preference: LinkPreference
        if words[0] == Array("auto".utf8) {
            guard words.count == 1 else { throw .usage }
            preference = .negotiated
        } else {
            guard words.count <= 2, let number = Number.parse(words[0]), number == 10 || number == 100 else {
                throw .usage
            }
            let isHalf = words.count == 2 && words[1] == Array("half".utf8)
            guard words.count == 1 || isHalf || words[1] == Array("full".utf8) else { throw .usage }
            preference = .forced(number == 10 ? .megabits10 : .megabits100, isFullDuplex: !isHalf)
        }
        do throws(DeviceError) { try Board.openEthernet().setPreference(preference) } catch {
            throw .failed("Ethernet: \(error)")
        }
    }

    static var mdio: Command {
        Command(name: "mdio", usage: "[register]", help: "registers of the Ethernet's PHY, 0 to 31") {
            (session, words) throws(CommandError) in
            let ethernet: Ethernet
            do throws(DeviceError) { ethernet = try Board.openEthernet() } catch { throw .failed("Ethernet: \(error)") }
            var registers: Range<UInt8> = 0..<32
            if let word = words.first {
                guard words.count == 1, let number = Number.parse(word), number < 32 else { throw .usage }
                registers = UInt8(number)..<UInt8(number) + 1
            }
            for register in registers {
                do throws(DeviceError) {
                    let value = try ethernet.phyRegister(register)
                    session.line("\("\(register)", right: 2)  \(hexadecimal: UInt64(value), digits: 4)")
                } catch {
                    throw .failed("register \(register): \(error)")
                }
            }
        }
    }
}
