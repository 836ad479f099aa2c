/// What the firmware finds on a card: partitions with FAT file systems, and the files in them.
public struct CardContent: Sendable {
    /// A partition: a file system in the card's image, or files that a test names.
    private enum Volume: Sendable {
        case files([String: [UInt8]])
        case system(FATVolume)
    }

    private var volumes: [Int: Volume] = [:]
    // What a test has taken away or put in place of what is on the card: nil for taken away.
    private var changes: [Int: [String: [UInt8]?]] = [:]

    /// A card with these files in its first partition.
    public init(files: [String: [UInt8]]) {
        self.init(partitions: [1: files])
    }

    /// A card with these files in these partitions, which count from 1.
    public init(partitions: [Int: [String: [UInt8]]]) {
        volumes = partitions.mapValues { files in
            .files(Dictionary(files.map { ($0.key.lowercased(), $0.value) }, uniquingKeysWith: { $1 }))
        }
    }

    /// A card by its bytes: a partition table (MBR or GPT) with FAT partitions, or one FAT file system without a table.
    public init(image: [UInt8]) {
        if let volume = FATVolume(image, at: 0) {
            volumes = [1: .system(volume)]
            return
        }
        guard image.little16(510) == 0xaa55 else { return }
        let places = Self.isProtective(image) ? Self.gptPartitions(image) : Self.mbrPartitions(image)
        for (number, start) in places {
            if let volume = FATVolume(image, at: start) { volumes[number] = .system(volume) }
        }
    }

    /// The numbers of the partitions that hold a FAT file system, in order.
    public var partitions: [Int] { volumes.keys.sorted() }

    /// The content of a file; upper and lower case are the same, and so are paths with and without a `/` before them.
    public func file(_ path: String, partition: Int) -> [UInt8]? {
        let name = path.lowercased().drop { $0 == "/" }
        if let change = changes[partition]?[String(name)] { return change }
        switch volumes[partition] {
        case .files(let files): return files[String(name)]
        case .system(let volume): return volume.file(String(name))
        case nil: return nil
        }
    }

    /// The same card without a file.
    public func without(_ path: String, partition: Int = 1) -> CardContent {
        var card = self
        card.changes[partition, default: [:]][path.lowercased()] = .some(nil)
        return card
    }

    /// The same card with other bytes in a file.
    public func replacing(_ path: String, with bytes: [UInt8], partition: Int = 1) -> CardContent {
        var card = self
        card.changes[partition, default: [:]][path.lowercased()] = bytes
        return card
    }

    /// The same card without the lines of config.txt that begin so.
    public func withoutSetting(_ key: String, partition: Int = 1) -> CardContent {
        guard let bytes = file("config.txt", partition: partition) else { return self }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        let rest = lines.filter { !$0.hasPrefix(key + "=") }.joined(separator: "\n")
        return replacing("config.txt", with: Array(rest.utf8), partition: partition)
    }

    // MARK: Tables

    private static func isProtective(_ image: [UInt8]) -> Bool {
        (0..<4).contains { image[446 + 16 * $0 + 4] == 0xee } && image.slice(512, 8) == Array("EFI PART".utf8)
    }

    private static func mbrPartitions(_ image: [UInt8]) -> [(Int, Int)] {
        (0..<4).compactMap { index in
            let entry = 446 + 16 * index
            guard [0x01, 0x04, 0x06, 0x0b, 0x0c, 0x0e].contains(image[entry + 4]),
                let start = image.little32(entry + 8), start > 0
            else { return nil }
            return (index + 1, start * 512)
        }
    }

    private static func gptPartitions(_ image: [UInt8]) -> [(Int, Int)] {
        guard let table = image.little64(512 + 72), let count = image.little32(512 + 80),
            let size = image.little32(512 + 84), table < 1 << 32, (1...256).contains(count), (128...4096).contains(size)
        else { return [] }
        return (0..<count).compactMap { index in
            let entry = Int(table) * 512 + index * size
            guard let type = image.slice(entry, 16), type.contains(where: { $0 != 0 }),
                let start = image.little64(entry + 32), (1..<1 << 32).contains(start)
            else { return nil }
            return (index + 1, Int(start) * 512)
        }
    }
}
