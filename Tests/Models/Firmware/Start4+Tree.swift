/// What the firmware writes into a device tree.
extension Start4 {
    /// `dtoverlay=` and `dtparam=`, as far as they change what a kernel sees of the console and the watchdog.
    mutating func applyOverlays(to tree: inout FlattenedTree) {
        let settings = configuration.settings
        if settings.contains(where: { $0.key == "dtoverlay" }) { _ = files.open("overlays/overlay_map.dtb") }
        for setting in settings where setting.key == "dtoverlay" {
            let name = String(setting.value.prefix { $0 != "," })
            guard !name.isEmpty else { continue }
            let directory = configuration.value("overlay_prefix") ?? "overlays/"
            guard files.open(directory + name + ".dtbo") != nil else {
                result.warnings.append("Failed to load overlay '\(name)'")
                continue
            }
            if name == "disable-bt" || name == "miniuart-bt" { result.devices.headerHasPL011 = true }
        }
        for setting in settings where setting.key == "dtparam" && setting.value == "watchdog=on" {
            result.devices.watchdogRuns = true
        }
    }

    /// The nodes that the firmware fills in, and those that it finds by an alias.
    mutating func patch(_ tree: inout FlattenedTree) {
        if let parent = tree.root.cell("interrupt-parent"),
            tree.node(phandle: parent)?.strings("compatible").contains("arm,gic-400") == true
        {
            result.devices.routesGIC = true
        }
        patchMemory(&tree)
        patchChosen(&tree)
        tree.set("/", "serial-number", text(hexadecimal(board.serial, digits: 16)))
        tree.set("/system", "linux,revision", cells([board.revision]), creating: true)
        if let path = tree.alias("ethernet0") { tree.set(path, "local-mac-address", board.hardwareAddress) }
        if let path = tree.alias("emmc2bus"), !board.hasFirstStepping {
            tree.set(path, "dma-ranges", cells([0, 0, 0, 0, 0xfc00_0000]))
        }
        if let path = tree.alias("blconfig") {
            tree.set(path, "reg", cells([0, 0x3ef7_35c0, 0x4e]))
            tree.set(path, "status", text("okay"))
        }
    }

    /// The memory below the VideoCore's, from 1 GiB to the peripherals, and above 4 GiB; with one cell for a size in pieces of 2 GiB
    /// where they are larger than that can say.
    private func patchMemory(_ tree: inout FlattenedTree) {
        let total = board.memorySize
        let fourGiB: UInt64 = 1 << 32
        var ranges = [0..<result.memoryEnd]
        if total > 1 << 30 { ranges.append(1 << 30..<min(total, 0xfc00_0000)) }
        if total > fourGiB { ranges.append(fourGiB..<total) }
        let addressCells = tree.root.cell("#address-cells") ?? 2
        let sizeCells = tree.root.cell("#size-cells") ?? 1
        var reg: [UInt32] = []
        for range in ranges {
            var start = range.lowerBound
            while start < range.upperBound {
                var size = range.upperBound - start
                if sizeCells < 2 && size >= fourGiB { size = 2 << 30 }
                if addressCells > 1 { reg.append(UInt32(start >> 32)) }
                reg.append(UInt32(truncatingIfNeeded: start))
                if sizeCells > 1 { reg.append(UInt32(size >> 32)) }
                reg.append(UInt32(truncatingIfNeeded: size))
                start += size
            }
        }
        if !tree.set("/memory@0", "reg", cells(reg)) { tree.set("/memory", "reg", cells(reg), creating: true) }
    }

    private func patchChosen(_ tree: inout FlattenedTree) {
        func chosen(_ property: String, _ value: [UInt8]) { tree.set("/chosen", property, value, creating: true) }
        chosen("bootargs", text(result.bootArguments))
        chosen("kaslr-seed", Array(seed(8)))
        chosen("rng-seed", Array(seed(64)))
        chosen("rpi-boardrev-ext", cells([0]))
        func loader(_ property: String, _ value: UInt32) {
            tree.set("/chosen/bootloader", property, cells([value]), creating: true)
        }
        loader("partition", UInt32(result.partition))
        loader("tryboot", board.triesBoot ? 1 : 0)
        loader("rsts", board.resetStatus)
        loader("boot-mode", 1)
        loader("build-timestamp", 1_713_370_029)
    }

    /// Bytes that are different for every board, and the same for every test.
    private func seed(_ count: Int) -> [UInt8] {
        var state = board.serial
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        }
    }

    private func cells(_ values: [UInt32]) -> [UInt8] {
        var bytes: [UInt8] = []
        for value in values { bytes.appendBig32(Int(value)) }
        return bytes
    }

    private func text(_ value: String) -> [UInt8] { Array(value.utf8) + [0] }
}
