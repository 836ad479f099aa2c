import Network
import Runtime
import ShellCore
import Sockets

// remote: this shell over the network.

extension Command {
    static var remote: Command {
        Command(
            name: "remote", usage: "[port | off]", help: "let anybody on the network use this shell, over TCP",
            arguments: .words(["off"])
        ) { (session, words) throws(CommandError) in
            guard words.count <= 1 else { throw .usage }
            guard let word = words.first else {
                guard let remote = session.shell.remote else { return session.line("off") }
                return session.line("on port \(UInt64(remote.port.rawValue))")
            }
            if word == Array("off".utf8) {
                guard !session.isRemote else { throw .failed("you are remote yourself; Control-D ends the session") }
                session.shell.remote = nil
                return
            }
            guard let number = Number.parse(word), (1...65535).contains(number) else { throw .usage }
            guard session.shell.remote == nil else { throw .failed("already on; `remote off` ends it") }
            let network = try session.networkWithAddress()
            do throws(SocketError) {
                session.shell.remote = try RemoteSessions(
                    session.shell, network.host, on: Port(rawValue: UInt16(number)))
            } catch { throw CommandError(error) }
            session.line("Whoever reaches port \(number) commands this board: there is no password and no encryption.")
        }
    }
}
