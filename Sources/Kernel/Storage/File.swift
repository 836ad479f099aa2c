/// A file on a volume, open for reading. It has no position: every read says where.
///
/// Belongs to one task at a time. Keeps the volume, and remembers in a fixed space where the file's clusters lie.
public final class File {
    /// Length in bytes, at most 4 GiB - 1.
    public let size: UInt64
    private let volume: FATVolume
    private var map: ClusterMap

    /// The file that `entry` of `volume` describes.
    init(_ volume: FATVolume, _ entry: DirectoryEntry) throws(FileError) {
        let layout = volume.layout
        guard entry.size == 0 || layout.contains(entry.firstCluster) else {
            throw .corrupted("the first cluster of a file is out of range")
        }
        guard entry.size <= UInt64(layout.clusterCount) << layout.clusterShift else {
            throw .corrupted("a file is larger than its volume")
        }
        size = entry.size
        self.volume = volume
        map = ClusterMap(entry.firstCluster)
    }

    /// Reads the bytes from `offset` on into `buffer` and returns how many: fewer than `buffer` holds where the file ends,
    /// none at or past its end. The caller owns the buffer throughout; after an error its content is undefined.
    ///
    /// Adjacent clusters are read in one request, straight into `buffer`. Requests of whole 4 KiB at multiples of the
    /// device's block size pass through no other memory. Throws `corrupted` or `device`.
    public func read(at offset: UInt64, into buffer: inout MutableRawSpan) throws(FileError) -> Int {
        guard offset < size else { return 0 }
        let count = Int(min(UInt64(buffer.byteCount), size - offset))
        let shift = volume.layout.clusterShift
        var done = 0
        while done < count {
            let position = offset + UInt64(done)
            let within = position & (1 << shift - 1)
            let start = try map.cluster(UInt32(position >> shift), volume)
            let length = try runLength(UInt32(position >> shift), start, atMost: within + UInt64(count - done)) - within
            let end = min(count, done + Int(length))
            var part = buffer._mutatingExtracting(done..<end)
            try volume.read(at: volume.layout.start(of: start) + within, into: &part)
            done = end
        }
        return count
    }

    /// Reads the bytes from `offset` on into all of `bytes`, and returns how many; as above.
    public func read(at offset: UInt64, into bytes: inout [UInt8]) throws(FileError) -> Int {
        try bytes.withMutableRawSpan { (span) throws(FileError) in try read(at: offset, into: &span) }
    }

    /// The length in bytes of the adjacent clusters that begin with `start`, the cluster number `index` of the file.
    /// Stops looking once it is not less than `bytes`.
    private func runLength(_ index: UInt32, _ start: UInt32, atMost bytes: UInt64) throws(FileError) -> UInt64 {
        var clusters: UInt32 = 1
        while UInt64(clusters) << volume.layout.clusterShift < bytes {
            guard try map.cluster(index + clusters, volume) == start + clusters else { break }
            clusters += 1
        }
        return UInt64(clusters) << volume.layout.clusterShift
    }
}
