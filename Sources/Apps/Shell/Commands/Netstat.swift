import Interfaces
import Network
import Runtime
import ShellCore
import Sockets

// netstat: what the stack holds and has counted.

extension Command {
    static var netstat: Command {
        Command(
            name: "netstat", usage: "[counters]", help: "connections, listeners, sockets; what was counted",
            arguments: .words(["counters"])
        ) { (session, words) throws(CommandError) in
            let host = try session.network().host
            if words.isEmpty {
                for line in sockets(host) { session.line(line) }
            } else if words.count == 1, words[0] == Array("counters".utf8) {
                for line in counters(host) { session.line(line) }
            } else {
                throw .usage
            }
        }
    }

    private static func row(
        _ kind: StaticString, _ local: String, _ remote: String, _ state: Text
    ) -> Text {
        "\("\(kind)", left: 5) \("\(local)", left: 22) \("\(remote)", left: 22) \(state)"
    }

    private static func sockets(_ host: IPHost) -> [Text] {
        var lines: [Text] = [row("kind", "local", "remote", "state")]
        host.stack.forEachListener { address, port, backlog, waiting in
            lines.append(
                row("tcp", Endpoint(address, port).description, "*", "listening, \(waiting) of \(backlog) wait"))
        }
        host.stack.forEachConnection { local, remote, block in
            let state: Text =
                "\(name(block.state)), \(block.readableCount) to read, \(block.unacknowledgedCount) to acknowledge"
            lines.append(row("tcp", local.description, remote.description, state))
        }
        host.stack.forEachSocket { socket in
            lines.append(
                row(
                    socket.local == nil ? "echo" : "udp", socket.local?.description ?? "*",
                    socket.remote?.description ?? "*", "\(socket.waiting) to read"))
        }
        let stack: Text = "\(host.stack.connectionCount) connections, \(host.stack.timeWaitCount) in TIME-WAIT"
        lines.append("\(stack), \(size: UInt64(host.stack.bufferedBytes)) in buffers")
        return lines
    }

    private static func name(_ state: TCPState) -> StaticString {
        switch state {
        case .closed: "CLOSED"
        case .listen: "LISTEN"
        case .synSent: "SYN-SENT"
        case .synReceived: "SYN-RECEIVED"
        case .established: "ESTABLISHED"
        case .finWait1: "FIN-WAIT-1"
        case .finWait2: "FIN-WAIT-2"
        case .closeWait: "CLOSE-WAIT"
        case .closing: "CLOSING"
        case .lastAck: "LAST-ACK"
        case .timeWait: "TIME-WAIT"
        }
    }

    private static func counters(_ host: IPHost) -> [Text] {
        let counted = host.stack.statistics
        let rows: [(StaticString, UInt64)] = [
            ("received frames", counted.receivedFrames), ("sent frames", counted.sentFrames),
            ("received TCP segments", counted.receivedSegments), ("sent TCP segments", counted.sentSegments),
            ("sent TCP resets", counted.sentResets), ("connections opened", counted.activeOpens),
            ("connections accepted", counted.passiveOpens), ("SYN cookies sent", counted.sentCookies),
            ("SYNs dropped", counted.droppedSYNs), ("received datagrams", counted.receivedDatagrams),
            ("sent datagrams", counted.sentDatagrams), ("received ICMP messages", counted.receivedICMP),
            ("sent ICMP messages", counted.sentICMP), ("not for us", counted.notForUs),
            ("malformed", counted.malformed), ("wrong checksums", counted.checksumErrors),
            ("impossible addresses", counted.martians), ("fragments lost", counted.lostFragments),
            ("put together from fragments", counted.reassembled),
            ("datagrams for no socket", counted.unclaimedDatagrams), ("queue of a socket full", counted.queueFull),
            ("not to be reached", counted.unreachable),
        ]
        var lines: [Text] = []
        for (name, value) in rows { lines.append("\("\(name)", left: 28)\("\(value)", right: 12)") }
        return lines
    }
}
