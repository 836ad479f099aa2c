import Interfaces
import RaspberryPi4
import Runtime
import ShellCore

// link, ethernet, mdio: the on-board Ethernet. The first of them starts it; what arrives is counted and thrown away.

extension Command {
    static var link: Command {
        Command(name: "link", usage: "", help: "start the Ethernet, and what its link is") {
            (session, words) throws(CommandError) in
            guard words.isEmpty else { throw .usage }
            let ethernet = try open()
            session.line("\(address: ethernet.hardwareAddress), \(ethernet.link)")
        }
    }

    static var ethernet: Command {
        Command(name: "ethernet", usage: "", help: "what the Ethernet has counted") {
            (session, words) throws(CommandError) in
            guard words.isEmpty else { throw .usage }
            let counted = try open().statistics
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

    static var mdio: Command {
        Command(name: "mdio", usage: "[register]", help: "registers of the Ethernet's PHY, 0 to 31") {
            (session, words) throws(CommandError) in
            let ethernet = try open()
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

    /// The Ethernet, started and looked after by a task of its own.
    private static func open() throws(CommandError) -> Ethernet {
        if let running = unsafe running { return running }
        let ethernet: Ethernet
        do throws(DeviceError) { ethernet = try Board.openEthernet() } catch { throw .failed("Ethernet: \(error)") }
        do throws(TaskError) {
            let task = try Task.spawn("ethernet", priority: .high) { () throws(TaskError) in
                while true {
                    for _ in 0..<Ethernet.batch where ethernet.nextFrame() == nil { break }
                    try ethernet.waitForWork()
                }
            }
            task.detach()
        } catch { throw .failed("there is not enough memory for the Ethernet's task") }
        unsafe running = ethernet
        return ethernet
    }

    nonisolated(unsafe) private static var running: Ethernet?
}

extension Text.Interpolation {
    /// A hardware address, as `dc:a6:32:01:02:03`.
    fileprivate mutating func appendInterpolation(address: HardwareAddress) {
        var text = Text()
        for index in 0..<6 {
            if index > 0 { text.put(":") }
            for digit in [address[index] >> 4, address[index] & 15] {
                text.put(digit < 10 ? 0x30 + digit : 0x57 + digit)
            }
        }
        appendInterpolation(text)
    }

    /// A link in words.
    fileprivate mutating func appendInterpolation(_ link: LinkState) {
        switch link {
        case .down: appendInterpolation("link down" as StaticString)
        case .up(let mode):
            let duplex: StaticString = mode.isFullDuplex ? "full duplex" : "half duplex"
            appendInterpolation("link up, \(mode.speed.rawValue) Mb/s, \(duplex)" as Text)
        }
    }
}
