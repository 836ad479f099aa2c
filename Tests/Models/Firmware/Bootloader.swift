/// The bootloader in the board's EEPROM: chooses a partition and loads the firmware from it.
struct Bootloader {
    private let board: BoardDescription
    private(set) var files: FileRequests

    /// What the next stage finds.
    struct Stage {
        /// The firmware's file.
        var firmware: [UInt8] = []
        /// Its name.
        var firmwareName = ""
        /// Whether the file that fits the firmware to the split of memory was there.
        var hasFixup = false
        /// Whether it is the firmware for 16 MiB.
        var isCutDown = false
        /// The name of the configuration that counts.
        var configurationName = "config.txt"
    }

    private static let autobootLimit = 512

    init(board: BoardDescription, files: FileRequests) {
        self.board = board
        self.files = files
    }

    /// Loads the firmware.
    mutating func run() throws(BootFailure) -> Stage {
        guard board.askedPartition != 63 else { throw .halted }
        guard let first = files.card.partitions.first else { throw .noFileSystem }
        files.partition = first
        var stage = Stage()
        let autoboot = ConfigFile(
            Array((files.open("autoboot.txt") ?? []).prefix(Self.autobootLimit)),
            ConfigFile.Conditions(board: board, isAutoboot: true))
        files.partition = try partition(autoboot, first: first)
        if board.triesBoot && autoboot.number("tryboot_a_b") != 1 { stage.configurationName = "tryboot.txt" }
        let configuration = files.readConfiguration(stage.configurationName, board)
        _ = files.open("pieeprom.upd")
        for name in ["recover4.elf", "recovery.elf"] where files.open(name) != nil { throw .recovery(name) }
        try load(configuration, into: &stage)
        return stage
    }

    /// The partition to boot: what PM_RSTS asks for, else what autoboot.txt does, else the first that holds a firmware.
    private func partition(_ autoboot: ConfigFile, first: Int) throws(BootFailure) -> Int {
        let asked = board.askedPartition != 0 ? board.askedPartition : autoboot.number("boot_partition") ?? 0
        guard asked != 0 else {
            return files.card.partitions.first { files.card.file("start4.elf", partition: $0) != nil } ?? first
        }
        guard files.card.partitions.contains(asked) else { throw .noPartition(asked) }
        return asked
    }

    private mutating func load(_ configuration: ConfigFile, into stage: inout Stage) throws(BootFailure) {
        var names = ("start4.elf", "fixup4.dat")
        if let file = configuration.value("start_file") {
            names = (file, configuration.value("fixup_file") ?? "fixup4.dat")
        } else if configuration.number("start_x") == 1 {
            names = ("start4x.elf", "fixup4x.dat")
        } else if configuration.number("start_debug") == 1 {
            names = ("start4db.elf", "fixup4db.dat")
        } else if configuration.videoMemory <= 16 {
            names = ("start4cd.elf", "fixup4cd.dat")
            stage.isCutDown = true
        }
        stage.firmwareName = names.0
        guard let firmware = files.open(names.0) else { throw .missingFirmware(names.0) }
        guard firmware.starts(with: [0x7f, 0x45, 0x4c, 0x46]) else { throw .damagedFirmware(names.0) }
        stage.firmware = firmware
        stage.hasFixup = files.open(names.1) != nil
    }
}

extension FileRequests {
    /// Reads a configuration with what it includes.
    mutating func readConfiguration(_ name: String, _ board: BoardDescription) -> ConfigFile {
        let (card, partition) = (card, partition)
        return ConfigFile(
            open(name) ?? [], ConfigFile.Conditions(board: board), including: { card.file($0, partition: partition) })
    }
}

extension ConfigFile {
    /// MiB of the first GiB that the VideoCore keeps: 76 unless something else is asked for, at least 16.
    var videoMemory: Int { max(16, number("gpu_mem_1024") ?? number("gpu_mem") ?? 76) }
}
