import DNS
import Interfaces
import IperfEngine
import IperfProtocol
import Network
import PingEngine
import Resolving
import Runtime
import ShellCore
import Sockets

// dns, ping, iperf: asking and measuring others.

extension Command {
    static var ping: Command {
        Command(name: "ping", usage: "address|name [count]", help: "ask a host whether it is there; Control-C ends it")
        {
            (session, words) throws(CommandError) in
            guard (1...2).contains(words.count) else { throw .usage }
            var count: Int?
            if words.count == 2 {
                guard let number = Number.parse(words[1]), (1...1_000_000).contains(number) else { throw .usage }
                count = Int(number)
            }
            let network = try session.networkWithAddress()
            let address = try network.address(words[0])
            session.line("PING \(address.description): 56 data bytes")
            do throws(SocketError) {
                let statistics = try Pinger(network.host, address).run(count: count) { session.line($0) }
                session.line("--- \(address.description) ping statistics ---")
                for line in statistics.lines { session.line(line) }
            } catch {
                throw CommandError(error)
            }
        }
    }

    static var dns: Command {
        Command(name: "dns", usage: "name|address [type]", help: "what the name servers say: A unless AAAA, MX, TXT...")
        {
            (session, words) throws(CommandError) in
            guard (1...2).contains(words.count) else { throw .usage }
            let name = String(decoding: words[0], as: UTF8.self)
            let type = words.count == 2 ? try recordType(words[1]) : .a
            let network = try session.networkWithAddress()
            do throws(ResolveError) {
                if words.count == 1, let address = IPv4Address(name) {
                    for name in try network.names.names(of: address) { session.line("\(name.description)") }
                } else {
                    let answer = try network.names.ask(name, type)
                    for record in answer.records { session.line("\(answer.name.description) \(record)") }
                }
            } catch {
                throw CommandError(error, about: words[0])
            }
        }
    }

    private static func recordType(_ word: [UInt8]) throws(CommandError) -> DNSType {
        let upper = word.map { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 }
        for type in [DNSType.a, .ns, .cname, .soa, .ptr, .txt, .aaaa, .srv] where Array(type.description.utf8) == upper
        {
            return type
        }
        throw .failed("\(word): no type that is known here; they are A, AAAA, CNAME, NS, PTR, SOA, SRV, TXT")
    }

    // MARK: iperf

    static var iperf: Command {
        Command(
            name: "iperf", usage: "-s | address|name [-R] [-Z] [-t seconds] [-n bytes] [-P count]",
            help:
                "measure TCP with iperf3: be its server, or a client that sends, with -R receives, with -Z copies nothing"
        ) { (session, words) throws(CommandError) in
            if words == [Array("-s".utf8)] { return try serve(session) }
            guard let target = words.first else { throw .usage }
            var options = IperfOptions()
            try options.read(Array(words.dropFirst()))
            let network = try session.networkWithAddress()
            let server = Endpoint(try network.address(target), IperfServer.standardPort)
            var client = IperfClient(network.host, server)
            client.parameters = options.parameters
            client.lends = options.lends
            do throws(IperfError) {
                let report = try client.run()
                for line in report.lines { session.line(line) }
                if let peer = report.peer { session.line("the server says: \(size: peer.bytes)") }
            } catch {
                throw error == .socket(.cancelled) ? .cancelled : .failed(error.text)
            }
        }
    }

    private static func serve(_ session: Session) throws(CommandError) {
        let server = IperfServer(try session.networkWithAddress().host) { result in
            switch result {
            case .success(let report): for line in report.lines { session.line(line) }
            case .failure(let error): session.line(error.text)
            }
        }
        do throws(SocketError) {
            try server.run { session.line("ready; Control-C ends it") }
        } catch {
            throw CommandError(error)
        }
    }
}

/// What `iperf` is told to do as a client.
private struct IperfOptions {
    var parameters = IperfParameters()
    var lends = false

    /// Reads the words behind the address.
    mutating func read(_ words: [[UInt8]]) throws(CommandError) {
        var index = 0
        while index < words.count {
            switch String(decoding: words[index], as: UTF8.self).utf8.dropFirst().first {
            case UInt8(ascii: "R"): parameters.isReversed = true
            case UInt8(ascii: "Z"): lends = true
            case UInt8(ascii: "t"):
                parameters.seconds = try value(words, &index, 1...86_400)
            case UInt8(ascii: "n"):
                parameters.byteCount = try value(words, &index, 1...1 << 50)
                parameters.seconds = 0
            case UInt8(ascii: "P"):
                parameters.streamCount = Int(try value(words, &index, 1...UInt64(IperfParameters.maximumStreams)))
            default: throw .usage
            }
            index += 1
        }
    }

    private func value(
        _ words: [[UInt8]], _ index: inout Int, _ range: ClosedRange<UInt64>
    ) throws(CommandError) -> UInt64 {
        index += 1
        guard index < words.count, let number = Number.parse(words[index]), range.contains(number) else { throw .usage }
        return number
    }
}

extension Text.Interpolation {
    /// What a record says.
    fileprivate mutating func appendInterpolation(_ data: DNSRecord.Data) {
        appendInterpolation("\(data.type.description) " as Text)
        switch data {
        case .a(let address): appendInterpolation(address)
        case .aaaa(let address): appendInterpolation(address.description)
        case .cname(let name), .ns(let name), .ptr(let name): appendInterpolation(name.description)
        case .soa(let primary, let mailbox, let serial, _):
            appendInterpolation("\(primary.description) \(mailbox.description) \(serial)" as Text)
        case .srv(let priority, let weight, let port, let target):
            appendInterpolation(
                "\(UInt64(priority)) \(UInt64(weight)) \(UInt64(port.rawValue)) \(target.description)" as Text)
        case .txt(let texts):
            for text in texts { appendInterpolation("\"\(VisibleText.bytes(text))\" " as Text) }
        case .other(_, let bytes): appendInterpolation("\(bytes.count) bytes" as Text)
        }
    }
}
