/// A machine in QEMU whose cable ends in a network namespace.
final class TapGuest {
    let machine: Machine
    private let namespace: NetworkNamespace
    private let programs: NetworkPrograms
    private var lender: ChildProcess?

    /// Boots it. The guest is 10.0.2.15, this end 10.0.2.2.
    init(_ configuration: MachineConfiguration, _ programs: NetworkPrograms, onUSB: Bool = false) throws {
        namespace = try NetworkNamespace(hasTap: false, address: "10.0.2.2")
        self.programs = programs
        // An interface has at most 15 characters. QEMU makes it where it runs; it is moved while it is open.
        let interface = "aptap" + namespace.name.suffix(8).filter(\.isNumber)
        var configuration = configuration
        if onUSB { configuration.adapter = .tap(interface) } else { configuration.network = .tap(interface) }
        machine = try Machine(configuration)
        try machine.waitUntilReady()
        try namespace.adopt(interface)
    }

    /// Runs `SocketPeer` at this end of the cable; gives what it printed.
    func talk(_ words: String) throws -> String {
        let arguments = words.split(separator: " ").map(String.init) + ["--to", "10.0.2.15"]
        let output = try namespace.command(programs.socketPeer, arguments).capture(input: "", mergingErrors: true)
        guard output.status.isSuccess else { throw NetworkPeersError.failed(words, output: output.text) }
        return output.text
    }

    /// Runs a program at this end of the cable; gives what it printed.
    func run(_ program: String, _ arguments: [String]) throws -> String {
        let output = try namespace.command(program, arguments).capture(input: "", mergingErrors: true)
        guard output.status.isSuccess else { throw NetworkPeersError.failed(program, output: output.text) }
        return output.text
    }

    /// Starts a program at this end of the cable.
    func start(_ program: String, _ arguments: [String]) throws -> ChildProcess {
        try namespace.command(program, arguments).start(output: .null, errors: .null)
    }

    /// Starts what `talk` runs to its end.
    func begin(_ words: String) throws -> ChildProcess {
        let arguments = words.split(separator: " ").map(String.init) + ["--to", "10.0.2.15"]
        return try namespace.command(programs.socketPeer, arguments).start(output: .null, errors: .null)
    }

    /// Lets dnsmasq lend the guest its address, for two minutes at a time.
    func startLending() throws {
        lender = try namespace.command(
            "dnsmasq",
            [
                "--conf-file=/dev/null", "--keep-in-foreground", "--port=0", "--interface=tap0", "--bind-interfaces",
                "--except-interface=lo", "--user=root", "--pid-file=", "--dhcp-leasefile=/dev/null", "--leasefile-ro",
                "--no-ping", "--dhcp-authoritative", "--dhcp-range=10.0.2.15,10.0.2.15,255.255.255.0,2m",
            ]
        ).start(output: .null, errors: .null)
    }

    /// The server is gone.
    func stopLending() {
        lender?.terminate()
        lender = nil
    }

    deinit { lender?.terminate() }

    /// Runs a command of `SocketPeer` that prints `bytes N microseconds N`; gives Mbit/s.
    func rate(_ words: String) throws -> Int {
        let numbers = try talk(words).split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        guard numbers.count == 2, numbers[1] > 0 else { throw NetworkPeersError.wrong("\(words) printed no rate") }
        return numbers[0] * 8 / numbers[1]
    }
}
