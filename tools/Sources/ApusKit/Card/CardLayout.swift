/// The sizes of a card image.
package struct CardLayout: Equatable, Sendable {
    /// Bytes of a block.
    package static let blockSize = 512
    /// Where the partition begins, in bytes: the alignment every partitioning tool uses.
    package static let partitionStart = 1 << 20
    /// Bytes of the partition for the key-value store, which is the last thing on the card.
    package static let storeSize = 1 << 20
    /// Its type in the partition table: data without a file system.
    package static let storeType = "da"
    /// The smallest image. FAT32 takes at least 65525 clusters, 33 MiB of the smallest.
    package static let minimumSize = 64 << 20

    /// Bytes of the whole image: a power of two, because QEMU takes no other card.
    package let size: Int
    /// Blocks of 512 bytes in a cluster.
    package let blocksPerCluster: Int

    /// Where the partition for the store begins, in bytes: behind the FAT partition.
    package var storeStart: Int { size - Self.storeSize }
    /// Bytes of the FAT partition.
    package var fileSystemSize: Int { storeStart - Self.partitionStart }

    /// The smallest layout that holds files of `contentSize` bytes with room to spare, and is at least `minimum`.
    package init(contentSize: Int, files: Int, minimum: Int = minimumSize) {
        var size = Self.minimumSize
        // An eighth for the tables and the ends of clusters, and room for whatever the guest writes.
        let wanted =
            contentSize + contentSize / 8 + files * 65536 + Self.partitionStart + Self.storeSize + (8 << 20)
        while size < wanted || size < minimum { size *= 2 }
        self.size = size
        blocksPerCluster = Self.blocksPerCluster(
            partitionBlocks: (size - Self.partitionStart - Self.storeSize) / Self.blockSize)
    }

    /// The largest cluster with which a partition still has so many clusters that it is FAT32 to everybody.
    ///
    /// A FAT's type is told by its number of clusters and nothing else: from 65525 on it is FAT32.
    static func blocksPerCluster(partitionBlocks: Int) -> Int {
        var blocks = 64
        while blocks > 1 && partitionBlocks / blocks < 65525 + 4096 { blocks /= 2 }
        return blocks
    }
}
