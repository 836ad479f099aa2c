/// What the boot firmware of a Raspberry Pi 4 does with a card: from the card's bytes to memory and registers at the first
/// instruction of the kernel, or the reason why no core gets there.
///
/// The rules are those of the bootloader in the EEPROM and of `start4.elf` as they were read out of the binary (releases of
/// August 2022 and April 2024), seen on boards, and described in Raspberry Pi's documentation; docs/HARDWARE.md, "Boot and
/// firmware", says which came from where.
public struct FirmwareModel: Sendable {
    /// The board.
    public var board: BoardDescription
    /// What is in its slot.
    public var card: CardContent

    /// A board with a card in its slot.
    public init(board: BoardDescription = BoardDescription(), card: CardContent) {
        self.board = board
        self.card = card
    }

    /// Switches the power on.
    public func boot() throws(BootFailure) -> FirstInstruction {
        var files = FileRequests(card: card)
        var bootloader = Bootloader(board: board, files: files)
        let stage = try bootloader.run()
        files = bootloader.files
        var start4 = Start4(board: board, files: files, stage: stage)
        return try start4.run()
    }
}

/// The files of one partition after the other, with a record of what was looked for.
struct FileRequests {
    let card: CardContent
    var partition = 0
    private(set) var requests: [FirstInstruction.FileRequest] = []

    init(card: CardContent) { self.card = card }

    mutating func open(_ path: String) -> [UInt8]? {
        let content = card.file(path, partition: partition)
        requests.append(FirstInstruction.FileRequest(path: path, isFound: content != nil))
        return content
    }

    func has(_ path: String) -> Bool { card.file(path, partition: partition) != nil }
}
