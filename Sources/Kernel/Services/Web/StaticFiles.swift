import HTTP
import Interfaces
import Network
import Runtime
import Sockets
import Storage

/// Files of a volume, as a web server hands them out: with types, entity tags, dates, ranges and conditions.
public final class StaticFiles {
    private let volume: FATVolume
    private let root: String

    /// Bytes read and sent at a time.
    private static let pieceSize = 32 << 10

    /// The files below the directory `root` of `volume`, which needs an exclusion for several tasks.
    public init(_ volume: FATVolume, root: String) {
        self.volume = volume
        self.root = root
    }

    /// Answers with the file at `path`, or with the `index.html` of a directory.
    /// - Throws: `.status(.notFound)` when there is none, before anything was sent.
    public func respond(_ exchange: HTTPExchange, _ path: Text) throws(HTTPError) {
        var name = root + "/" + String(decoding: path.bytes, as: UTF8.self)
        if path.bytes.isEmpty || path.bytes.last == 0x2F { name += "index.html" }
        let entry: DirectoryEntry
        let file: File
        do throws(FileError) {
            entry = try volume.entry(at: name)
            if entry.isDirectory {
                // Relative links in it are meant from inside.
                exchange.add("Location", Text(TargetPath.encode(exchange.path + [0x2F])))
                return try Self.redirect(exchange)
            }
            file = try volume.open(name)
        } catch {
            throw .status(Self.status(error))
        }
        try send(file, entry, Array(name.utf8), exchange)
    }

    private static func redirect(_ exchange: HTTPExchange) throws(FileError) {
        try? exchange.respond(.movedPermanently)
    }

    private static func status(_ error: FileError) -> HTTPStatus {
        switch error {
        case .notFound, .notADirectory: .notFound
        default: .internalServerError
        }
    }

    private func send(
        _ file: File, _ entry: DirectoryEntry, _ name: [UInt8], _ exchange: HTTPExchange
    ) throws(HTTPError) {
        let size = file.size
        let validators = Self.validators(entry)
        exchange.add("ETag", "\"\(validators.entityTag)\"")
        if let modified = validators.lastModified {
            var date: [UInt8] = []
            HTTPDate.append(CivilTime(secondsSince1970: modified), to: &date)
            exchange.add("Last-Modified", Text(date))
        }
        exchange.add("Accept-Ranges", "bytes")
        var usesRange = false
        switch exchange.withHead({ head, bytes in validators.evaluate(head, in: bytes) }) {
        case .notModified: return try exchange.begin(.notModified, type: nil, length: 0)
        case .preconditionFailed: throw .status(.preconditionFailed)
        case .proceed(let range): usesRange = range
        }
        let type = unsafe MediaType.ofFile(name.span.bytes)
        let range = exchange.withHead { head, bytes in
            usesRange ? head.fields.value(of: "range", in: bytes).map { ByteRange(bytes, $0, of: size) } : nil
        }
        switch range ?? .whole {
        case .whole:
            try exchange.begin(type: type, length: size)
            try send(file, from: 0, size, exchange)
        case .part(let first, let last):
            exchange.add("Content-Range", "bytes \(first)-\(last)/\(size)")
            try exchange.begin(.partialContent, type: type, length: last - first + 1)
            try send(file, from: first, last - first + 1, exchange)
        case .unsatisfiable:
            exchange.add("Content-Range", "bytes */\(size)")
            throw .status(.rangeNotSatisfiable)
        }
    }

    private func send(_ file: File, from start: UInt64, _ length: UInt64, _ exchange: HTTPExchange) throws(HTTPError) {
        if exchange.method == .head { return }
        var piece = [UInt8](repeating: 0, count: Int(min(length, UInt64(Self.pieceSize))))
        var done: UInt64 = 0
        while done < length {
            let count: Int
            do throws(FileError) { count = try file.read(at: start + done, into: &piece) } catch {
                Logger(label: "http").warning("\(error.description)")
                // Shorter than promised: the exchange ends the connection.
                return
            }
            let wanted = Int(min(UInt64(count), length - done))
            if wanted == 0 { return }
            if wanted == piece.count {
                try exchange.write(piece)
            } else {
                try exchange.write([UInt8](piece[0..<wanted]))
            }
            done += UInt64(wanted)
        }
    }

    /// From the size, the time of the last change, and where the file lies: what is written anew has another tag.
    private static func validators(_ entry: DirectoryEntry) -> Validators {
        var tag: [UInt8] = []
        tag.append(hexadecimal: UInt64(entry.size))
        tag.append(0x2D)
        tag.append(hexadecimal: UInt64(entry.firstCluster))
        guard let time = entry.modified else { return Validators(entityTag: tag) }
        let civil = CivilTime(
            year: time.year, month: time.month, day: time.day, hour: time.hour, minute: time.minute, second: time.second
        )
        let seconds = civil.secondsSince1970
        tag.append(0x2D)
        tag.append(hexadecimal: seconds ?? 0)
        // A card that was written without a clock says 1980, which is no date.
        let isKnown = time.year > 1980
        return Validators(entityTag: tag, lastModified: isKnown ? seconds : nil)
    }
}
