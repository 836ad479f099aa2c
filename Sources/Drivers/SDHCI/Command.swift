/// A command to the card (SD Physical Layer Simplified Specification 6.00, 4.7.4), ready to be sent.
struct SDCommand {
    /// What the card answers, and how the controller checks it (4.9).
    enum Response {
        /// Nothing.
        case none
        /// R1, R6, R7: 48 bits with CRC and index.
        case short
        /// R1b: the same, and the card may be busy after it.
        case shortWithBusy
        /// R2: 136 bits with CRC.
        case long
        /// R3: 48 bits without CRC and index.
        case unchecked
    }

    /// What moves over the DAT lines.
    enum Data: Equatable {
        /// Nothing.
        case none
        /// `blocks` blocks of `size` bytes from the card.
        case read(blocks: Int, size: Int)
        /// `blocks` blocks of `size` bytes to the card.
        case write(blocks: Int, size: Int)
    }

    /// The command's number. Application commands have theirs, and are sent after CMD55.
    let index: UInt32
    /// The argument.
    let argument: UInt32
    /// What the card answers.
    let response: Response
    /// What moves.
    let data: Data
    /// How a transfer of several blocks ends: by the controller's own CMD12, or by the count that CMD23 announced.
    let isCounted: Bool
    /// Whether the controller moves the data by itself.
    var usesDMA = false

    init(_ index: UInt32, _ argument: UInt32, _ response: Response, data: Data = .none, isCounted: Bool = false) {
        self.index = index
        self.argument = argument
        self.response = response
        self.data = data
        self.isCounted = isCounted
    }

    /// Whether the controller ends the transfer by a CMD12 of its own.
    var stopsItself: Bool {
        switch data {
        case .none: false
        case .read(let blocks, _), .write(let blocks, _): blocks > 1 && !isCounted
        }
    }

    /// Whether the command uses the DAT lines, and so has to wait for them. The one that ends a transfer does not wait, nor does the one that tunes: the
    /// controller may keep the lines to itself until it is tuned.
    var usesDataLines: Bool {
        (data != .none || response == .shortWithBusy) && index != Self.stopIndex && index != Self.tuningIndex
    }

    /// Whether the card may be busy after it, or while its data moves.
    var mayBeBusy: Bool {
        if case .write = data { return true }
        return response == .shortWithBusy
    }

    /// Transfer mode and command for the controller.
    var word: TransferCommand {
        var word: TransferCommand
        switch response {
        case .none: word = []
        case .short: word = [.shortResponse, .checkCRC, .checkIndex]
        case .shortWithBusy: word = [.shortResponseWithBusy, .checkCRC, .checkIndex]
        case .long: word = [.longResponse, .checkCRC]
        case .unchecked: word = .shortResponse
        }
        switch data {
        case .none: break
        case .read(let blocks, _): word.formUnion(mode(blocks).union(.read))
        case .write(let blocks, _): word.formUnion(mode(blocks))
        }
        if usesDMA { word.insert(.dmaEnable) }
        if index == Self.stopIndex { word.insert(.abort) }
        word.index = index
        return word
    }

    private func mode(_ blocks: Int) -> TransferCommand {
        if blocks == 1 { return .dataPresent }
        let several: TransferCommand = [.dataPresent, .blockCountEnable, .multipleBlocks]
        return isCounted ? several : several.union(.autoStop)
    }
}

/// The commands the driver sends.
extension SDCommand {
    private static var stopIndex: UInt32 { 12 }
    private static var tuningIndex: UInt32 { 19 }

    /// CMD0: back to idle.
    static var goIdle: SDCommand { SDCommand(0, 0, .none) }
    /// CMD2: every card that has no address tells its CID.
    static var allSendIdentity: SDCommand { SDCommand(2, 0, .long) }
    /// CMD3: the card chooses its address and tells it.
    static var sendAddress: SDCommand { SDCommand(3, 0, .short) }
    /// CMD6: switch functions, or ask what a switch would do.
    static func switchFunction(_ argument: UInt32) -> SDCommand {
        SDCommand(6, argument, .short, data: .read(blocks: 1, size: 64))
    }
    /// ACMD6: four data lines.
    static var useFourBits: SDCommand { SDCommand(6, 2, .short) }
    /// CMD7: selects the card at `address`.
    static func select(_ address: UInt32) -> SDCommand { SDCommand(7, address << 16, .shortWithBusy) }
    /// CMD8: 2.7 to 3.6 V, and a pattern to be repeated.
    static var sendInterfaceCondition: SDCommand { SDCommand(8, interfaceCondition, .short) }
    /// What CMD8 carries, and what comes back.
    static var interfaceCondition: UInt32 { 0x1AA }
    /// CMD9: the card's CSD.
    static func sendSpecificData(_ address: UInt32) -> SDCommand { SDCommand(9, address << 16, .long) }
    /// CMD11: switch the signals to 1.8 V.
    static var switchVoltage: SDCommand { SDCommand(11, 0, .short) }
    /// CMD19: send the tuning pattern. The controller takes it in by itself.
    static var sendTuningBlock: SDCommand { SDCommand(tuningIndex, 0, .short, data: .read(blocks: 1, size: 64)) }
    /// CMD12: end the transfer.
    static var stop: SDCommand { SDCommand(stopIndex, 0, .shortWithBusy) }
    /// CMD13: the card's status.
    static func sendStatus(_ address: UInt32) -> SDCommand { SDCommand(13, address << 16, .short) }
    /// CMD16: blocks of 512 bytes. High capacity cards have no others.
    static var setBlockLength: SDCommand { SDCommand(16, 512, .short) }
    /// CMD17 or CMD18: read `blocks` blocks from `address`. Several end by the controller's own CMD12. Erratum: this controller needs it
    /// to read several blocks at all (Linux: SDHCI_QUIRK_MULTIBLOCK_READ_ACMD12).
    static func read(_ blocks: Int, at address: UInt32) -> SDCommand {
        SDCommand(blocks > 1 ? 18 : 17, address, .short, data: .read(blocks: blocks, size: 512))
    }
    /// CMD24 or CMD25: write `blocks` blocks to `address`; whether CMD23 announced how many.
    static func write(_ blocks: Int, at address: UInt32, isCounted: Bool) -> SDCommand {
        SDCommand(
            blocks > 1 ? 25 : 24, address, .short, data: .write(blocks: blocks, size: 512), isCounted: isCounted)
    }
    /// CMD23: the next command moves `blocks` blocks.
    static func setBlockCount(_ blocks: Int) -> SDCommand { SDCommand(23, UInt32(blocks), .short) }
    /// CMD32: the first block to erase.
    static func eraseStart(_ address: UInt32) -> SDCommand { SDCommand(32, address, .short) }
    /// CMD33: the last block to erase.
    static func eraseEnd(_ address: UInt32) -> SDCommand { SDCommand(33, address, .short) }
    /// CMD38: erase.
    static var erase: SDCommand { SDCommand(38, 0, .shortWithBusy) }
    /// ACMD41: operating conditions; asks only, when `argument` is 0.
    static func sendOperatingCondition(_ argument: UInt32) -> SDCommand { SDCommand(41, argument, .unchecked) }
    /// ACMD51: the card's SCR.
    static var sendConfiguration: SDCommand { SDCommand(51, 0, .short, data: .read(blocks: 1, size: 8)) }
    /// ACMD13: the SD status.
    static var sendCardStatus: SDCommand { SDCommand(13, 0, .short, data: .read(blocks: 1, size: 64)) }
    /// CMD1: an eMMC's operating conditions.
    static func sendEmbeddedCondition(_ argument: UInt32) -> SDCommand { SDCommand(1, argument, .unchecked) }
    /// CMD3 of an eMMC: gives it an address.
    static func assignAddress(_ address: UInt32) -> SDCommand { SDCommand(3, address << 16, .short) }
    /// CMD6 of an eMMC: writes a byte of its EXT_CSD.
    static func setField(_ index: UInt32, _ value: UInt32) -> SDCommand {
        SDCommand(6, 3 << 24 | index << 16 | value << 8, .shortWithBusy)
    }
    /// CMD8 of an eMMC: its EXT_CSD.
    static var sendExtendedData: SDCommand { SDCommand(8, 0, .short, data: .read(blocks: 1, size: 512)) }
    /// CMD35: the first group of an eMMC to erase.
    static func eraseGroupStart(_ address: UInt32) -> SDCommand { SDCommand(35, address, .short) }
    /// CMD36: the last one.
    static func eraseGroupEnd(_ address: UInt32) -> SDCommand { SDCommand(36, address, .short) }
    /// CMD55: the next command is an application command.
    static func application(_ address: UInt32) -> SDCommand { SDCommand(55, address << 16, .short) }
}
