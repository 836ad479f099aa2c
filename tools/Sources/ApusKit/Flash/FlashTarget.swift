/// A device that may be erased: one that passed every check.
package struct FlashTarget: Equatable, Sendable {
    /// Cards have up to 2 TB, and so have the disks on which people keep what is dear to them. A larger one than this, in bytes, is a card only
    /// where its medium can be taken out.
    package static let largestDisk = 300_000_000_000
    /// Nothing that goes into a board's card slot is larger (SDXC).
    package static let largestCard = 2_200_000_000_000
    /// What the running system needs, mounted from wherever.
    private static let systemMounts: Set = [
        "/", "/boot", "/boot/efi", "/boot/firmware", "/usr", "/var", "/home", "[SWAP]",
    ]

    /// The device.
    package let device: BlockDeviceDescription

    /// Checks the device file `path` against what the machine has, for an image of `imageSize` bytes.
    ///
    /// `mounted` are the device files of `/proc/mounts`, a second witness beside `lsblk`.
    package init(path: String, among list: BlockDeviceList, mounted: Set<String>, imageSize: Int) throws(FlashError) {
        guard let device = list.devices.flatMap(\.tree).first(where: { $0.path == path }) else {
            throw .noBlockDevice(path, candidates: Self.candidates(in: list))
        }
        let tree = device.tree
        guard !tree.contains(where: { !Self.systemMounts.isDisjoint(with: $0.mountPoints) }) else {
            throw .systemDisk(path)
        }
        guard let whole = list.devices.first(where: { $0.path == path }), whole.type == "disk" else {
            let disk = list.devices.first { $0.tree.contains { $0.path == path } }
            throw .notWholeDisk(path, disk: disk?.path)
        }
        guard device.isRemovable || device.isHotPluggable else {
            throw .notRemovable(path, candidates: Self.candidates(in: list))
        }
        if let mount = tree.flatMap(\.mountPoints).first {
            throw .mounted(path, at: mount)
        }
        if let name = tree.map(\.path).first(where: mounted.contains) {
            throw .mounted(path, at: name)
        }
        guard !device.isReadOnly else { throw .readOnly(path) }
        guard device.size > 0 else { throw .noMedium(path) }
        guard Self.isCardSized(device) else { throw .tooLarge(path, size: device.size) }
        guard device.size >= imageSize else { throw .tooSmall(path, size: device.size, needed: imageSize) }
        self.device = device
    }

    /// The whole disks that might be meant.
    private static func candidates(in list: BlockDeviceList) -> [String] {
        list.devices.filter {
            $0.type == "disk" && ($0.isRemovable || $0.isHotPluggable) && $0.size > 0 && isCardSized($0)
        }.map(\.path)
    }

    /// Card readers on USB have removable media, slots of the machine's own have names of their own.
    private static func isCardSized(_ device: BlockDeviceDescription) -> Bool {
        let isCard = device.isRemovable || device.name.hasPrefix("mmcblk")
        return device.size <= (isCard ? largestCard : largestDisk)
    }

    /// What would be erased, for the person to recognise.
    package var summary: String {
        let head = [device.path, Self.size(device.size), device.model, device.serial].compactMap { $0 }.joined(
            separator: "  ")
        let parts = device.tree.dropFirst().map { part in
            let content = [part.fileSystem, part.label.map { "\"\($0)\"" }].compactMap { $0 }.joined(separator: " ")
            return "  \(part.path)  \(Self.size(part.size))  \(content)"
        }
        return ([head] + (parts.isEmpty ? ["  (no partitions)"] : parts)).joined(separator: "\n")
    }

    /// Bytes as a person says them.
    static func size(_ bytes: Int) -> String {
        bytes >= 1_000_000_000
            ? "\(bytes / 1_000_000_000).\(bytes / 100_000_000 % 10) GB" : "\(bytes / 1_000_000) MB"
    }
}

/// Why nothing was written to a card, or not all.
package enum FlashError: UserError, Equatable {
    case unreadableList
    case noBlockDevice(String, candidates: [String])
    case notWholeDisk(String, disk: String?)
    case systemDisk(String)
    case notRemovable(String, candidates: [String])
    case mounted(String, at: String)
    case readOnly(String)
    case noMedium(String)
    case tooLarge(String, size: Int)
    case tooSmall(String, size: Int, needed: Int)
    case notConfirmed(String)
    case changed(String)
    case nobodyToAsk
    case lacksBootFiles(String, [String])
    case noImage(String)
    case notCardImage(String)
    case truncatedImage(String, size: Int, needed: Int)
    case noRight(String)
    case notPlainFile(String)
    case notOpened(String, reason: String)
    case writeFailed(offset: Int, reason: String)
    case readFailed(offset: Int, reason: String)
    case differs(offset: Int)

    package var description: String {
        switch self {
        case .unreadableList: "lsblk's list of devices cannot be understood; nothing was written"
        case .noBlockDevice(let path, let candidates):
            "\(path) is no block device; \(Self.list(candidates))"
        case .notWholeDisk(let path, let disk):
            "\(path) is not a whole disk\(disk.map { ", only a part of \($0): give that" } ?? ""); nothing was written"
        case .systemDisk(let path): "\(path) holds the running system; nothing was written"
        case .notRemovable(let path, let candidates):
            "\(path) is not removable; nothing was written; \(Self.list(candidates))"
        case .mounted(let path, let place): "\(path) is in use (\(place)); unmount it first: sudo umount \(path)?*"
        case .readOnly(let path): "\(path) is read-only; slide the card's switch the other way"
        case .noMedium(let path): "\(path) has no card in it; put one in"
        case .tooLarge(let path, let size):
            "\(path) has \(FlashTarget.size(size)), more than a card has, or a disk whose medium cannot be taken out; nothing was written"
        case .tooSmall(let path, let size, let needed):
            "\(path) has \(FlashTarget.size(size)), the image needs \(FlashTarget.size(needed)); take a larger card"
        case .notConfirmed(let name): "that was not \(name); nothing was written"
        case .changed(let path):
            "\(path) is not what it was when the question was asked; nothing was written; see what is plugged in, and try again"
        case .nobodyToAsk: "flash asks before it erases anything; run it in a terminal"
        case .lacksBootFiles(let path, let files):
            "\(path) lacks \(files.joined(separator: ", ")), so no board starts from it; run ./apus setup first"
        case .noImage(let name): "\(name) is neither an application nor a file; give one of them"
        case .notCardImage(let path): "\(path) is no card image: it has no partition table; make one with ./apus image"
        case .truncatedImage(let path, let size, let needed):
            "\(path) is cut short: it has \(size) bytes, and its partitions end at \(needed); fetch or make it again"
        case .noRight(let path):
            "writing to \(path) takes root's right, and sudo did not give it; nothing was written"
        case .notPlainFile(let path): "\(path) is no plain file, and --pretend writes to nothing else"
        case .notOpened(let path, let reason): "\(path) does not open: \(reason)"
        case .writeFailed(let offset, let reason):
            "writing failed at byte \(offset): \(reason); the card is not usable now, try another"
        case .readFailed(let offset, let reason):
            "reading back failed at byte \(offset): \(reason); the card is not reliable, try another"
        case .differs(let offset):
            "the card does not hold what was written, from byte \(offset) on; it is worn out or a fake, try another"
        }
    }

    private static func list(_ candidates: [String]) -> String {
        candidates.isEmpty ? "no card is plugged in" : "there is \(candidates.joined(separator: ", "))"
    }
}
