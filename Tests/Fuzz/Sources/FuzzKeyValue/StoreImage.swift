import Interfaces
import KeyValue

/// A store in memory that can be written, with requests that fail on demand.
final class StoreImage: BlockDevice {
    var bytes: [UInt8]
    let geometry: BlockGeometry
    /// Requests until one fails; nil for never.
    var failsAfter: Int?

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        geometry = BlockGeometry(blockCount: UInt64(bytes.count / 512))
    }

    /// A small store whose log has gone round its ring, with short and long values.
    static let template: [UInt8] = {
        let image = StoreImage([UInt8](repeating: 0, count: 256 * 512))
        do {
            try KeyValueStore.format(image)
            let store = try KeyValueStore(image)
            for round in 0..<300 {
                let length = round % 17 == 0 ? 1200 : round % 60
                try store.put([UInt8](repeating: UInt8(round & 255), count: length), for: [UInt8(round % 40)])
            }
        } catch {
            fatalError("no template: \(error)")
        }
        return image.bytes
    }()

    private func range(_ first: UInt64, _ length: Int) throws(BlockError) -> Range<Int> {
        guard length % 512 == 0, first <= geometry.blockCount, UInt64(length / 512) <= geometry.blockCount - first
        else { throw BlockError(.outOfRange) }
        if let left = failsAfter {
            failsAfter = left > 0 ? left - 1 : nil
            if left == 0 { throw BlockError(.corrupted, unknown: first..<first + UInt64(length / 512)) }
        }
        return Int(first) * 512..<Int(first) * 512 + length
    }

    func read(_ first: UInt64, into buffer: inout MutableRawSpan) throws(BlockError) {
        let range = try range(first, buffer.byteCount)
        bytes.withUnsafeBytes { source in
            buffer.withUnsafeMutableBytes { $0.copyMemory(from: .init(rebasing: source[range])) }
        }
    }

    func write(_ first: UInt64, from buffer: RawSpan) throws(BlockError) {
        let range = try range(first, buffer.byteCount)
        buffer.withUnsafeBytes { bytes.replaceSubrange(range, with: $0) }
    }

    func flush() throws(BlockError) { _ = try range(0, 0) }

    func discard(_ blocks: Range<UInt64>) throws(BlockError) {}

    // MARK: Checksums

    private func checksum(_ range: some Sequence<Int>) -> UInt32 {
        var state: UInt32 = 0xFFFF_FFFF
        for index in range {
            state ^= UInt32(bytes[index])
            for _ in 0..<8 { state = state >> 1 ^ (0x82F6_3B78 & (0 &- (state & 1))) }
        }
        return ~state
    }

    private func set(_ value: UInt32, at offset: Int) {
        for place in 0..<4 { bytes[offset + place] = UInt8(truncatingIfNeeded: value >> UInt32(8 * place)) }
    }

    private func number(_ offset: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }

    /// Makes the checksums of the batch that begins in `block` right, if one does, so that changes get past them.
    func repair(_ block: Int) {
        let start = block * 512
        guard block >= 2, bytes[start..<start + 4].elementsEqual([0x41, 0x4B, 0x56, 0x42]) else { return }
        let length = min(number(start + 32), 8000)
        var payload: [Int] = []
        var (place, left) = (start + 64, length)
        while left > 0 {
            let room = min(left, (place / 512 + 1) * 512 - place)
            payload += place..<place + room
            left -= room
            place += room
            if place == bytes.count { place = 1024 }
            place += 4
        }
        set(checksum(payload), at: start + 36)
        set(checksum(start + 8..<start + 64), at: start + 4)
    }
}
