import ApusKit
import Foundation
import Testing

@Suite(.onBoardEmulator) struct NetDumpTests {
    private static let stranger: [UInt8] = [2, 9, 9, 9, 9, 9]

    /// Frames for this interface, for all, for a group, and for somebody else.
    private static let frames: [[UInt8]] = zip(
        [Machine.hardwareAddress, [UInt8](repeating: 0xFF, count: 6), [1, 0, 0x5E, 0, 0, 1], stranger],
        [60, 61, 777, 1514]
    ).map { destination, length in
        destination + ReflectionTrial.address + ReflectionTrial.type
            + (14..<length).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ length) }
    }

    /// Sends the frames once the interface's link is up, which nothing on the console tells.
    private func send(to machine: Machine, until text: String) throws {
        let link = try #require(machine.frames)
        // Frames that come before the link are lost; one that got through says that it is there.
        for _ in 0..<600 where !machine.console.contains(text) {
            link.send([Self.frames[0]])
            try machine.listen()
            Thread.sleep(forTimeInterval: 0.1)
        }
        link.send(Self.frames)
    }

    @Test func `a line is printed for every frame, whoever it is for, and the frames are counted`() throws {
        let machine = try BoardSession.start(Fixtures.netDump, network: .frames)
        try machine.expect("netdump: listening")
        try send(to: machine, until: "type 0x88b5 length 60")
        for (address, length) in [
            ("52:54:00:12:34:56", 60), ("ff:ff:ff:ff:ff:ff", 61), ("01:00:5e:00:00:01", 777),
            ("02:09:09:09:09:09", 1514),
        ] {
            try machine.expect("02:00:00:00:00:02 > \(address) type 0x88b5 length \(length)")
        }
        try machine.expect("1 to all, 1 to groups, 0 lost")
    }

    @Test func `the capture that it writes to the console is a file with the frames in it`() throws {
        try Files.withTemporaryDirectory { directory in
            let path = directory + "/frames.pcap"
            let machine = try BoardSession.start(Fixtures.netDump, network: .frames) { $0.bootArguments = "quiet pcap" }
            try machine.expect("netdump: listening")
            try send(to: machine, until: "000002" + "88b5")
            try machine.expect("1 to all, 1 to groups, 0 lost")
            var capture = try CaptureFile(path)
            let rest = String(decoding: capture.filter(Array(machine.console.utf8)), as: UTF8.self)
            #expect(!rest.contains("pcap") && capture.damaged == 0)
            let records = try CaptureReader.frames(in: Files.read(path))
            #expect(Array(records.suffix(4).map(\.bytes)) == Self.frames)
            #expect(records.map(\.time) == records.map(\.time).sorted() && records.count == capture.records - 1)
            // Whoever has one of the usual readers lets it read, too.
            for (reader, arguments) in [("tcpdump", ["-nr", path]), ("tshark", ["-nr", path])]
            where Executable.find(reader) != nil {
                #expect(try Command(reader, arguments).check().contains("0x88b5") || reader == "tshark")
            }
        }
    }

    @Test func `the capture that it writes to the card is whole after a pause, however the machine ends`() throws {
        try Files.withTemporaryDirectory { directory in
            let card = try TestCard(directory)
            try card.format()
            try card.add("FRAMES.PCAP", Data(repeating: 1, count: 100_000))
            let machine = try BoardSession.start(Fixtures.netDump, network: .frames) {
                $0.bootArguments = "card"
                $0.card = card.path
                $0.keepsWrites = true
            }
            try machine.expect("netdump: listening")
            // Nothing tells here when the link is up: the first frames may be lost.
            let link = try #require(machine.frames)
            for _ in 0..<600 where !machine.console.contains("netdump: ") || !machine.console.contains(" frames, ") {
                link.send([Self.frames[0]])
                try machine.listen()
                Thread.sleep(forTimeInterval: 2.5)
            }
            link.send(Self.frames)
            try machine.expect("1 to all, 1 to groups, 0 lost")
            machine.powerOff()
            _ = try machine.exitStatus()
            let path = directory + "/frames.pcap"
            try Command("mcopy", ["-n", "-i", card.path + "@@1M", "::FRAMES.PCAP", path]).check()
            let records = try CaptureReader.frames(in: Files.read(path))
            #expect(Array(records.suffix(4).map(\.bytes)) == Self.frames)
            try PlugTests.judge(card, directory + "/part")
        }
    }

    @Test func `without a card there is no capture, and it says why`() throws {
        let machine = try BoardSession.start(Fixtures.netDump, network: .frames) { $0.bootArguments = "card" }
        try machine.expect("netdump: no capture on the card: ")
    }
}
