/// The stack against the system's own TCP, in a network namespace: every byte is compared.
///
/// The link between them is bad by `FaultInjector`, in both directions alike, for not every kernel has netem. What a failed scenario
/// had on the cable is kept as a pcap.
package struct NetworkCheck: Check {
    package let name = "The network stack against this machine's"
    private let repository: Repository
    private let isLong: Bool

    /// The check for this repository; with `isLong` also what takes minutes.
    package init(repository: Repository, isLong: Bool) {
        self.repository = repository
        self.isLong = isLong
    }

    package func run(filter: String?, report: (String) -> Void) throws -> Tally {
        if let obstacle = NetworkNamespace.obstacle() {
            report("  left out: \(obstacle)")
            return Tally()
        }
        let programs = try NetworkPrograms(repository: repository, report: report)
        var tally = Tally()
        for scenario in NetworkScenario.all where isLong || !scenario.isLong {
            guard filter.map({ scenario.name.contains($0) }) ?? true else { continue }
            let clock = ContinuousClock()
            let start = clock.now
            let failure = Self.failure(of: scenario, programs)
            let seconds = (clock.now - start).components.seconds
            report("  \(failure == nil ? "passed" : "FAILED"): \(scenario.name) (\(seconds) s)")
            if let failure { report("    \(failure)") }
            tally = tally + Tally(failure == nil)
        }
        return tally
    }

    /// What went wrong; nil when nothing did.
    private static func failure(of scenario: NetworkScenario, _ programs: NetworkPrograms) -> String? {
        let capture = programs.captures + "/" + scenario.name.map { $0.isLetter || $0.isNumber ? $0 : "-" } + ".pcap"
        do {
            try run(scenario, programs, capture: capture)
            Files.remove(capture)
            return nil
        } catch {
            return "\(error); frames in \(capture)"
        }
    }

    private static func run(_ scenario: NetworkScenario, _ programs: NetworkPrograms, capture: String) throws {
        let namespace = try NetworkNamespace(hasTap: true)
        let server = scenario.isClient ? try Self.server(programs, namespace) : nil
        defer { server?.terminate() }
        let options = words(scenario.link) + ["--capture", capture, "--snap", "96"]
        let stack = try TapStack(programs, in: namespace, options)
        let others = try scenario.meanwhile.compactMap { try start($0, programs, namespace) }
        defer { others.forEach { $0.terminate() } }
        for transfer in scenario.transfers {
            let output = try namespace.command(programs.socketPeer, words(transfer)).capture(mergingErrors: true)
            guard output.status.isSuccess else { throw NetworkPeersError.failed(transfer, output: output.text) }
        }
        for other in others { _ = other.wait() }
        let figures = try stack.finish(isClient: scenario.isClient)
        for bound in scenario.bounds {
            let value = figures[bound.figure] ?? -1
            guard bound.range.contains(value) else {
                throw NetworkPeersError.wrong("\(bound.figure) is \(value), not in \(bound.range); \(figures)")
            }
        }
    }

    private static func server(_ programs: NetworkPrograms, _ namespace: NetworkNamespace) throws -> ChildProcess {
        let server = try namespace.command(programs.socketPeer, ["serve", "--port", "7000"])
            .start(input: .pipe, output: .pipe)
        guard case .bytes = Descriptor.read(server.output) else { throw NetworkPeersError.notReady("SocketPeer") }
        return server
    }

    /// Starts what runs meanwhile; nil when it is not installed.
    private static func start(
        _ line: String, _ programs: NetworkPrograms, _ namespace: NetworkNamespace
    ) throws -> ChildProcess? {
        let parts = words(line)
        let program = parts[0] == "SocketPeer" ? programs.socketPeer : parts[0]
        guard Executable.find(program) != nil else { return nil }
        return try namespace.command(program, Array(parts.dropFirst())).start(output: .null, errors: .null)
    }

    private static func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }
}
