import Testing

@testable import FirmwareModel

@Suite struct PartitionTests {
    /// Three partitions, each with a kernel at another address; the first one says which to boot.
    private func card(autoboot: String? = nil, tryboot: String? = nil) -> CardContent {
        var partitions: [Int: [String: [UInt8]]] = [:]
        for number in 1...3 {
            partitions[number] = SampleFirmware.files
            partitions[number]?["kernel8.img"] = SampleFirmware.kernel(at: UInt32(number) << 20)
            partitions[number]?["config.txt"] = Array("arm_64bit=1".utf8)
        }
        partitions[1]?["autoboot.txt"] = autoboot.map { Array($0.utf8) }
        partitions[1]?["tryboot.txt"] = tryboot.map { Array($0.utf8) }
        return CardContent(partitions: partitions)
    }

    private func partition(_ card: CardContent, asked: Int = 0, tries: Bool = false) throws -> Int {
        var board = BoardDescription()
        board.resetStatus = BoardDescription.resetStatus(partition: asked, tryboot: tries)
        let result = try FirmwareModel(board: board, card: card).boot()
        #expect(result.tree?.node("/chosen/bootloader")?.cell("partition") == result.partition)
        #expect(result.tree?.node("/chosen/bootloader")?.cell("tryboot") == (tries ? 1 : 0))
        return Int(result.entry >> 20)
    }

    private let slots = "[all]\ntryboot_a_b=1\nboot_partition=2\n[tryboot]\nboot_partition=3\n"

    @Test func `the first partition with a firmware is booted unless something else is asked for`() throws {
        #expect(try partition(card()) == 1)
        #expect(try partition(card().without("start4.elf")) == 2)
        #expect(try partition(card(autoboot: "boot_partition=3")) == 3)
        #expect(try partition(card(autoboot: "boot_partition=3"), asked: 2) == 2)
    }

    @Test func `a partition that is not there, and the halt, start nothing`() {
        #expect(throws: BootFailure.noPartition(7)) { try partition(card(), asked: 7) }
        #expect(throws: BootFailure.halted) { try partition(card(), asked: 63) }
    }

    @Test func `a try boots the other slot`() throws {
        #expect(try partition(card(autoboot: slots)) == 2)
        #expect(try partition(card(autoboot: slots), tries: true) == 3)
    }

    @Test func `a try without slots reads tryboot_txt`() throws {
        let text = "kernel=second.img\narm_64bit=1"
        let files = card(tryboot: text).replacing("second.img", with: SampleFirmware.kernel(at: 8 << 20))
        #expect(try partition(files) == 1)
        #expect(try partition(files, tries: true) == 8)
    }

    @Test func `autoboot_txt ends after 512 bytes`() throws {
        let text = String(repeating: "#\n", count: 256) + "boot_partition=3"
        #expect(try partition(card(autoboot: text)) == 1)
    }

    @Test func `PM_RSTS carries the number in every other bit`() {
        #expect(BoardDescription.resetStatus(partition: 63) == 0x555)
        #expect(BoardDescription.resetStatus(partition: 2, tryboot: true) == 0x6)
        var board = BoardDescription()
        for number in 0..<64 {
            board.resetStatus = 0x20 | BoardDescription.resetStatus(partition: number)
            #expect(board.askedPartition == number && !board.triesBoot)
        }
    }
}
