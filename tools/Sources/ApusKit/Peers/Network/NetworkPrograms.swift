/// The programs of the package `Tests/NetworkPeers`.
struct NetworkPrograms {
    /// The stack on a TAP interface.
    let tapHost: String
    /// The sockets of this machine.
    let socketPeer: String
    /// Where captures of failures are kept.
    let captures: String

    /// Builds them, in release mode.
    init(repository: Repository, report: (String) -> Void) throws {
        let scratch = repository.path(".build-network")
        let build = Command(
            "swift",
            [
                "build", "-c", "release", "--package-path", repository.path("Tests/NetworkPeers"), "--scratch-path",
                scratch,
            ])
        guard try build.capturePrinting(report, quiet: true).isSuccess else { throw NetworkPeersError.unbuilt }
        tapHost = scratch + "/release/TapHost"
        socketPeer = scratch + "/release/SocketPeer"
        captures = scratch + "/captures"
        try Files.makeDirectory(captures)
    }
}

/// What goes wrong between peers.
enum NetworkPeersError: UserError {
    case unbuilt
    case notReady(String)
    case failed(String, output: String)
    case wrong(String)

    var description: String {
        switch self {
        case .unbuilt: "Tests/NetworkPeers does not build; the messages above say why"
        case .notReady(let program): "\(program) does not start"
        case .failed(let program, let output): "\(program): \(output.split(separator: "\n").joined(separator: "; "))"
        case .wrong(let what): what
        }
    }
}
