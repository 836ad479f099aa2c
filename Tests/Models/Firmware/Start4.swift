/// `start4.elf`: reads the configuration, loads tree, kernel and stub, and starts the ARM's cores.
struct Start4 {
    let board: BoardDescription
    var files: FileRequests
    let stage: Bootloader.Stage
    var configuration: ConfigFile
    var result: FirstInstruction
    /// What is put before the names of the operating system's files.
    private var prefix = ""

    /// Where the tree, or an initial file system, ends at the highest.
    private static let loadEnd: UInt64 = 0x2f00_0000
    private static let tagsAddress: UInt64 = 0x100
    private static let kernelAddress: UInt64 = 0x80000
    private static let treeAlignment: UInt64 = 256

    init(board: BoardDescription, files: FileRequests, stage: Bootloader.Stage) {
        self.board = board
        self.files = files
        self.stage = stage
        configuration = self.files.readConfiguration(stage.configurationName, board)
        result = FirstInstruction(
            devices: FirstInstruction.Devices(
                routesGIC: configuration.number("enable_gic") ?? 0 != 0,
                serialClock: configuration.number("init_uart_clock") ?? 48_000_000, headerHasPL011: false,
                watchdogRuns: false))
        result.partition = files.partition
    }

    /// Does everything until the cores are released.
    mutating func run() throws(BootFailure) -> FirstInstruction {
        if configuration.number("kernel_old") == 1 { throw .notModelled("kernel_old=1") }
        if configuration.number("arm_peri_high") == 1 { throw .notModelled("arm_peri_high=1") }
        result.memoryEnd = memoryEnd
        _ = files.open("dt-blob.bin")
        choosePrefix()
        var tree = loadTree()
        if tree != nil { applyOverlays(to: &tree!) }
        result.bootArguments = arguments()
        let kernel = try loadKernel()
        let stub = try loadStub()
        let entry = try place(kernel: kernel, stubSize: stub.count)
        let top = try placeInitialFileSystem(behind: kernel.count + Int(entry))
        if var tree {
            patch(&tree)
            try place(tree, below: top)
        }
        finish(stub: stub, kernel: entry)
        result.requests = files.requests
        return result
    }

    /// The end of the ARM's part of the first GiB.
    private var memoryEnd: UInt64 {
        let mebibyte: UInt64 = 1 << 20
        guard stage.hasFixup else { return 128 * mebibyte }
        let video = UInt64(configuration.videoMemory)
        // Measured with start4cd.elf, which counts 1014 MiB.
        var end = stage.isCutDown ? 998 * mebibyte : (max(1024, video) - video) * mebibyte
        if let total = configuration.number("total_mem"), total > Int(video) {
            end = min(end, (UInt64(total) - video) * mebibyte)
        }
        return end
    }

    // MARK: Names

    private var kernelName: String {
        configuration.value("kernel") ?? (configuration.number("arm_64bit") == 0 ? "kernel7l.img" : "kernel8.img")
    }

    private var treeName: String { configuration.value("device_tree") ?? board.model.deviceTree }

    private func path(_ name: String) -> String { name.hasPrefix("/") ? name : prefix + name }

    /// `os_prefix`, which is ignored unless kernel and tree are found behind it.
    private mutating func choosePrefix() {
        guard let wanted = configuration.value("os_prefix"), !wanted.isEmpty else { return }
        prefix = wanted
        if !files.has(path(kernelName)) || !files.has(path(treeName)) {
            result.warnings.append("os_prefix=\(wanted) is ignored: no kernel and tree are found by it")
            prefix = ""
        }
    }

    // MARK: Loading

    private mutating func loadTree() -> FlattenedTree? {
        guard !treeName.isEmpty, let bytes = files.open(path(treeName)) else { return nil }
        guard let tree = FlattenedTree(bytes) else {
            result.warnings.append("\(treeName) is no device tree")
            return nil
        }
        return tree
    }

    /// cmdline.txt behind the firmware's own words.
    private mutating func arguments() -> String {
        let name = configuration.value("cmdline") ?? "cmdline.txt"
        let own = String(decoding: files.open(path(name)) ?? [], as: UTF8.self)
        let address = board.hardwareAddress.map { hexadecimal(UInt64($0), digits: 2).uppercased() }
        let words = [
            "coherent_pool=1M", "8250.nr_uarts=\(configuration.number("enable_uart") ?? 0)",
            "smsc95xx.macaddr=\(address.joined(separator: ":"))", "vc_mem.mem_base=0x3ec00000",
            "vc_mem.mem_size=0x40000000",
        ]
        return words.joined(separator: " ") + "  " + own.prefix { $0 != "\n" && $0 != "\r" && $0 != "\r\n" }
    }

    private mutating func loadKernel() throws(BootFailure) -> [UInt8] {
        let name = kernelName
        guard let kernel = files.open(path(name)) else { throw .missingKernel(path(name)) }
        let isNarrow = ["kernel.img", "kernel7.img", "kernel7l.img"].contains(name)
        let isWide = name == "kernel8.img" || (configuration.number("arm_64bit") ?? 1) != 0
        guard isWide && !isNarrow else { throw .entersAArch32 }
        guard !kernel.starts(with: [0x1f, 0x8b]) else { throw .notModelled("a compressed kernel") }
        return kernel
    }

    private mutating func loadStub() throws(BootFailure) -> [UInt8] {
        if let name = configuration.value("armstub") {
            guard let stub = files.open(path(name)) else { throw .missingStub(name) }
            return stub
        }
        guard let stub = BuiltInStub.find(in: stage.firmware) else { throw .damagedFirmware(stage.firmwareName) }
        return stub
    }

    // MARK: Placing

    /// A kernel with the header of a 64-bit Linux goes where the header says, but 2 MiB higher if that is where the stub is;
    /// any other goes to `kernel_address`. Returns its entry.
    private mutating func place(kernel: [UInt8], stubSize: Int) throws(BootFailure) -> UInt64 {
        var address = configuration.number("kernel_address").flatMap { UInt64(exactly: $0) } ?? Self.kernelAddress
        var size = UInt64(kernel.count)
        if kernel.slice(0x38, 4) == Array("ARM\u{64}".utf8) {
            address = kernel.little64(8) ?? 0
            if address < UInt64(stubSize) { address += 2 << 20 }
            // The firmware does not look at the size that the header names, but the kernel needs that room.
            size = max(size, min(kernel.little64(16) ?? 0, 1 << 32))
        }
        guard address < result.memoryEnd, size <= result.memoryEnd - address else {
            throw .doesNotFit("the kernel", address: address, end: result.memoryEnd)
        }
        result.memory.append(FirstInstruction.Region(name: "kernel", address: address, bytes: kernel))
        kernelRange = address..<address + size
        return address
    }
    private var kernelRange: Range<UInt64> = 0..<0

    /// An initial file system, at the end of the memory that is used for loading, or where it is asked for. Returns the place that is
    /// the end for what comes below it.
    private mutating func placeInitialFileSystem(behind kernelEnd: Int) throws(BootFailure) -> UInt64 {
        let top = min(result.memoryEnd, Self.loadEnd)
        let words = (configuration.value("initramfs") ?? "").split(separator: " ")
        let name = words.first.map(String.init) ?? configuration.value("ramfsfile")
        guard let name, let content = files.open(path(name)), !content.isEmpty else { return top }
        let asked = words.count > 1 ? ConfigFile.number(String(words[1])) : configuration.number("ramfsaddr")
        guard UInt64(content.count) < top else { throw .doesNotFit("the initramfs", address: 0, end: top) }
        let address = asked.flatMap { $0 > 0 ? UInt64($0) : nil } ?? (top - UInt64(content.count)) & ~0xfff
        result.memory.append(FirstInstruction.Region(name: "initramfs", address: address, bytes: content))
        return address < top ? address : top
    }

    private mutating func place(_ tree: FlattenedTree, below top: UInt64) throws(BootFailure) {
        let bytes = tree.serialized()
        let size = UInt64(bytes.count)
        func asked(_ key: String) -> UInt64? {
            configuration.number(key).flatMap { $0 > 0 ? UInt64($0) : nil }
        }
        let end = asked("device_tree_end") ?? top
        guard size < end else { throw .doesNotFit("the tree", address: 0, end: end) }
        let address = asked("device_tree_address") ?? (end - size) & ~(Self.treeAlignment - 1)
        let limit = asked("device_tree_end") ?? result.memoryEnd
        guard address <= limit, size <= limit - address, address < 1 << 32 else {
            throw .doesNotFit("the tree", address: address, end: limit)
        }
        result.memory.append(FirstInstruction.Region(name: "tree", address: address, bytes: bytes))
        result.tree = tree
        result.x0 = address
    }

    // MARK: Releasing the cores

    /// Fills the stub's words in, puts it to address 0, and ATAGs over it where there is no tree and nothing forbids them.
    private mutating func finish(stub: [UInt8], kernel: UInt64) {
        var stub = stub
        if stub.little32(0xf0) == 0x5afe_570b {
            stub.put32(0, at: 0xf0)
            stub.put32(0, at: 0xf4)
            stub.put32(UInt32(truncatingIfNeeded: result.x0), at: 0xf8)
            stub.put32(UInt32(truncatingIfNeeded: kernel), at: 0xfc)
        }
        result.entry = kernel
        result.memory.append(FirstInstruction.Region(name: "stub", address: 0, bytes: stub))
        if result.tree == nil && (configuration.number("disable_commandline_tags") ?? 0) == 0 {
            result.memory.append(FirstInstruction.Region(name: "tags", address: Self.tagsAddress, bytes: tags()))
            if stub.count > BuiltInStub.continuation {
                result.faults.append(.stubOverwrittenByTags(at: Self.tagsAddress))
            }
        }
        if !result.devices.routesGIC { result.faults.append(.noInterrupts) }
        let places = result.memory.filter { $0.name != "tags" }.map { region in
            (region.name, region.name == "kernel" ? kernelRange : region.range)
        }
        for (index, first) in places.enumerated() {
            for second in places[(index + 1)...] where first.1.overlaps(second.1) {
                result.faults.append(.overlap(first.0, second.0))
            }
        }
    }

    /// The list of tags that a kernel of old was handed: core, memory, line of arguments, end.
    private func tags() -> [UInt8] {
        var line = Array(result.bootArguments.utf8) + [0]
        while line.count % 4 != 0 { line.append(0) }
        var bytes: [UInt8] = []
        for word: UInt32 in [5, 0x5441_0001, 0, 0, 0] { bytes.appendLittle32(word) }
        for word: UInt32 in [4, 0x5441_0002, UInt32(result.memoryEnd), 0] { bytes.appendLittle32(word) }
        for word: UInt32 in [UInt32(2 + line.count / 4), 0x5441_0009] { bytes.appendLittle32(word) }
        bytes += line
        return bytes + [UInt8](repeating: 0, count: 8)
    }
}

/// A number in hexadecimal digits, with zeros before it up to `digits`.
func hexadecimal(_ number: UInt64, digits: Int) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
}
