import FileTransfer
import Network
import Runtime
import ShellCore
import Sockets
import Storage
import TFTP

// tftp: files from and to a server.

extension Command {
    static var tftp: Command {
        Command(
            name: "tftp", usage: "get|put HOST path [name at the server]",
            help: "get a file from a server, or put it there",
            arguments: .words(["get", "put"])
        ) { (session, words) throws(CommandError) in
            guard words.count == 3 || words.count == 4 else { throw .usage }
            let path = session.path(words[2])
            let network = try session.networkWithAddress()
            let client = TFTPClient(network.host, server: try network.address(words[1]))
            let last = words[2].split(separator: ASCII.slash).last.map { Array($0) } ?? []
            let name = words.count == 4 ? words[3] : last
            let count: UInt64
            switch words[0] {
            case Array("get".utf8): count = try get(client, name, path, session)
            case Array("put".utf8): count = try put(client, name, path, session)
            default: throw .usage
            }
            session.line("\(count) bytes")
        }
    }

    /// Gets a file, which takes the place of the one at `path` only when it is whole.
    private static func get(
        _ client: TFTPClient, _ name: [UInt8], _ path: String, _ session: Session
    ) throws(CommandError) -> UInt64 {
        var result: UInt64 = 0
        try session.replaceFile(path) { (file) throws(CommandError) in
            var failure: FileError?
            do throws(TransferError) {
                result = try client.get(name) { block in
                    do throws(FileError) { try file.write(block) } catch { failure = error }
                    return failure == nil
                }
            } catch {
                throw failure.map { .failed("\($0.description)") } ?? CommandError(error)
            }
        }
        return result
    }

    private static func put(
        _ client: TFTPClient, _ name: [UInt8], _ path: String, _ session: Session
    ) throws(CommandError) -> UInt64 {
        let file = try session.withVolume { (volume) throws(FileError) in try volume.open(path) }
        var failure: FileError?
        var position: UInt64 = 0
        do throws(TransferError) {
            return try client.put(name, size: file.size) { size in
                var bytes = [UInt8](repeating: 0, count: size)
                var count = 0
                do throws(FileError) { count = try file.read(at: position, into: &bytes) } catch { failure = error }
                guard failure == nil else { return nil }
                position += UInt64(count)
                return Array(bytes[..<count])
            }
        } catch {
            throw failure.map { .failed("\($0.description)") } ?? CommandError(error)
        }
    }
}

extension CommandError {
    /// What `error` says.
    fileprivate init(_ error: TransferError) {
        switch error {
        case .network(let error): self.init(error)
        case .file: self = .failed("the file on the card")
        case .transfer(let error):
            switch error {
            case .refused(let code, let words):
                self = .failed("the server says: \(VisibleText.bytes(words)) (\(UInt64(code)))")
            case .timedOut: self = .failed("no answer")
            case .malformed, .badOption: self = .failed("the server does not keep to the protocol")
            case .invalidName: self = .failed("not a name")
            }
        }
    }
}
