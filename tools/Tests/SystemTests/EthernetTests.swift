import ApusKit
import Foundation
import Testing

/// The driver in a whole image, over a cable whose other end is the test.
@Suite(.onBoardEmulator) struct EthernetTests {
    private static let trials: [(ReflectionTrial.Length, Int, Int)] = [
        // Fewer under way than the ring takes: nothing is lost.
        (.varying(60...1514), 4000, 128), (.fixed(60), 10_000, 200), (.fixed(1514), 5000, 200),
        // More: what is lost is what the model counted.
        (.fixed(60), 30_000, 4000), (.fixed(1514), 10_000, 2000),
    ]

    /// What the shell shows while nothing has arrived.
    private static let noFrames = "received frames                        0"

    @Test(arguments: trials)
    func `frames come back in order and as they were, and what is lost was counted`(
        length: ReflectionTrial.Length, count: Int, window: Int
    ) throws {
        let machine = try BoardSession.reflect()
        let trial = try ReflectionTrial(machine, guest: BoardSession.guest, length: length, window: window)
        let result = try trial.run(count: count)
        #expect(result.isSound && result.sent == count, "\(result)")
        if window < 256 { #expect(result.overflows == 0 && result.received == count, "\(result)") }
        #expect(result.received > count / 20, "\(result)")
        #expect(!machine.console.contains("crash report"))
    }

    @Test func `what is not for this interface does not come back, and what is for all does`() throws {
        let machine = try BoardSession.reflect()
        let link = try #require(machine.frames)
        func frame(to destination: [UInt8], _ mark: UInt8) -> [UInt8] {
            destination + ReflectionTrial.address + ReflectionTrial.type + [UInt8](repeating: mark, count: 46)
        }
        link.send([
            frame(to: [2, 9, 9, 9, 9, 9], 1), frame(to: [1, 0, 0x5E, 0, 0, 5], 2),
            frame(to: [UInt8](repeating: 0xFF, count: 6), 3), frame(to: BoardSession.guest, 4),
        ])
        let first = try #require(link.receive())
        #expect(first.last == 3 && Array(first[0..<6]) == ReflectionTrial.address)
        let second = try #require(link.receive())
        #expect(second.last == 4 && Array(second[6..<12]) == BoardSession.guest)
    }

    @Test func `the link follows the cable, and frames pass again`() throws {
        let machine = try BoardSession.reflect()
        for _ in 0..<2 {
            _ = try machine.monitor("set_link net0 off")
            try machine.expect("reflect: link down")
            _ = try machine.monitor("set_link net0 on")
            try machine.expect("reflect: link up")
            let trial = try ReflectionTrial(
                machine, guest: BoardSession.guest, length: .varying(60...1514), window: 64)
            let result = try trial.run(count: 300)
            #expect(result.isSound && result.received == 300, "\(result)")
        }
    }

    @Test(arguments: [(10, "10"), (100, "100"), (1000, "1000")])
    func `the shell tells the link's speed and the interface's counters`(speed: Int, shown: String) throws {
        let machine = try BoardSession.start(Fixtures.shell, network: .frames) {
            $0.extra = ["-global", "apus-genet.partner-speed=\(speed)"]
        }
        try machine.expect(ShellSession.prompt)
        var answer = ""
        // The first `link` starts the interface, whose link takes a moment.
        for _ in 0..<30 where !answer.contains("link up") {
            machine.type("sleep 1\r")
            try machine.expect("\n" + ShellSession.prompt)
            machine.type("link\r")
            answer = try machine.expect("\n" + ShellSession.prompt)
        }
        #expect(answer.contains("52:54:00:12:34:56, link up, \(shown) Mb/s, full duplex"), "\(answer)")
        let link = try #require(machine.frames)
        for _ in 0..<100 where !answer.contains("received frames") || answer.contains(Self.noFrames) {
            link.send([BoardSession.guest + ReflectionTrial.address + [UInt8](repeating: 0, count: 50)])
            machine.type("ethernet\r")
            answer = try machine.expect("\n" + ShellSession.prompt)
        }
        #expect(!answer.contains(Self.noFrames), "\(answer)")
        machine.type("mdio 2\r")
        #expect(try machine.expect("\n" + ShellSession.prompt).contains("0x600d"))
    }

    @Test func `without a cable there is no link, and nothing else is amiss`() throws {
        let machine = try BoardSession.start(Fixtures.shell, network: .none)
        try machine.expect(ShellSession.prompt)
        machine.type("link\r")
        #expect(try machine.expect("\n" + ShellSession.prompt).contains("link down"))
        machine.type("sleep 1\r")
        try machine.expect("\n" + ShellSession.prompt)
        machine.type("link\r")
        #expect(try machine.expect("\n" + ShellSession.prompt).contains("link down"))
    }

    @Test(.enabled(if: NetworkNamespace.isPossible, "this process may make no network namespace with a tap interface"))
    func `frames pass over a tap interface`() throws {
        try NetworkNamespace.run { namespace in
            let machine = try BoardSession.start(Fixtures.reflect, network: .tap("tap0"))
            try machine.waitUntilReady()
            let socket = try namespace.open("tap0")
            try machine.expect("reflect: link up")
            for length in [60, 61, 1000, 1514] {
                let payload = [UInt8](repeating: UInt8(length & 0xFF), count: length - 14)
                let frame = BoardSession.guest + ReflectionTrial.address + ReflectionTrial.type + payload
                let back = ReflectionTrial.address + BoardSession.guest + ReflectionTrial.type + payload
                #expect(try socket.exchange(frame, expecting: back))
            }
        }
    }
}
