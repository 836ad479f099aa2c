import Interfaces
import RaspberryPi4
import Runtime
import Storage

/// Writes a capture to `frames.pcap` on the card. What a pause has seen is durable; a full card or the limit of its size ends it, and what it
/// has stays.
final class CardCapture {
    private static let name = "frames.pcap"
    /// Bytes of the file at most: an hour of a quiet network, seconds of a busy one.
    private static let limit: UInt64 = 256 << 20
    /// Bytes gathered for one write.
    private static let batch = 128 << 10

    private let file: File
    private var pending: [UInt8] = []
    private var hasEnded = false

    /// Begins the file, in place of one of an earlier run.
    init() throws(FileError) {
        file = try Self.volume().open(Self.name, [.create, .truncate])
        // Whole batches, and the record that filled one.
        pending.reserveCapacity(Self.batch + 2048)
    }

    private static func volume() throws(FileError) -> FATVolume {
        let card: Board.CardSlot
        do throws(BlockError) { card = try Board.openCard() } catch { throw .device(error) }
        return try FATVolume(firstOn: card)
    }

    /// Takes a record. When the card gets no more, it is dropped.
    func put(_ record: RawSpan) {
        guard !hasEnded else { return }
        for index in 0..<record.byteCount {
            pending.append(unsafe record.unsafeLoad(fromByteOffset: index, as: UInt8.self))
        }
        if pending.count >= Self.batch { write() }
    }

    /// Makes durable what was taken.
    func flush() {
        guard !hasEnded else { return }
        write()
        do throws(FileError) { try file.flush() } catch { end(error) }
    }

    private func write() {
        guard !hasEnded, !pending.isEmpty else { return }
        do throws(FileError) {
            guard file.size + UInt64(pending.count) <= Self.limit else { throw .tooLarge(Self.limit) }
            try file.write(pending)
            pending.removeAll(keepingCapacity: true)
        } catch { end(error) }
    }

    /// Nothing more is written; what was, is made durable if that still works.
    private func end(_ error: FileError) {
        hasEnded = true
        try? file.flush()
        print("netdump: the capture ends here: \(error.description)")
    }
}
