import ApusKit
import FirmwareModel
import Foundation
import Testing

/// Looks at each card before a machine gets it: QEMU boots without, so nothing else would tell that a board would not.
enum CardJudgement {
    /// What a card that starts no board says: a test made it for what else is on it.
    static let excuse = Array("A test's card. It starts no board.".utf8)
    /// Where it says so: in the first block, where other systems have a boot loader's code, with a partition table or without.
    static let place = 300

    /// Those that were judged, by name and time: a guest may have written since.
    nonisolated(unsafe) private static var judged: Set<String> = []
    private static let lock = NSLock()

    /// Expects that `card`, a file or QEMU's words for one, starts a board, unless it says that it does not.
    static func expectStartsBoard(_ card: String) throws {
        let path = card.split(separator: ":").last.map(String.init) ?? card
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        try file.seek(toOffset: UInt64(place))
        if try file.read(upToCount: excuse.count).map(Array.init) == excuse { return }
        // Without the firmware's files no card starts a board, and the one that the command makes has another name.
        guard Fixtures.reasonForNoFirmware == nil else { return }
        let written = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
        let isNew = lock.withLock { unsafe judged.insert("\(path) \(written ?? .now)").inserted }
        guard isNew else { return }
        let result = try FirmwareModel(card: CardContent(image: try Files.read(path))).boot()
        #expect(result.faults.isEmpty && result.entry == 0x8_0000, "\(path): \(result.faults)")
    }
}
