import DeviceTree

/// The input is a device tree. It lies in memory of exactly its length: a read past its end is seen.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 8)
    defer { memory.deallocate() }
    memory.copyMemory(from: UnsafeRawBufferPointer(start: data, count: size))
    do {
        exhaust(try DeviceTree(UnsafeRawBufferPointer(memory)))
    } catch {
        _ = error.description
    }
    return 0
}

/// Asks a tree everything.
private func exhaust(_ tree: DeviceTree) {
    var budget = 2000
    walk(tree.root, &budget)
    tree.forEachMemoryRegion { precondition($0.end >= $0.start) }
    tree.forEachReservedRegion { precondition($0.end >= $0.start) }
    checkUsableMemory(tree)
    _ = (tree.node("serial0"), tree.node("/soc/serial"), tree.node(compatible: "arm,pl011"), tree.node(phandle: 1))
    guard let chosen = tree.chosen else { return }
    _ = (chosen.bootArguments, chosen.standardOutputPath.map { tree.node($0) }, chosen.randomSeed, chosen.partition)
    _ = (chosen.tryBoot, chosen.bootMode, chosen.resetStatus, chosen.node.property("bootargs")?.bytes)
}

/// What is usable lies in whole blocks in what there is, and nowhere in what is reserved.
private func checkUsableMemory(_ tree: DeviceTree) {
    let block: UInt64 = 2 << 20
    for usable in tree.usableMemory(blockSize: block) {
        precondition(usable.size > 0 && (usable.start | usable.size) % block == 0)
        var isThere = false
        tree.forEachMemoryRegion { if $0.start <= usable.start && usable.end <= $0.end { isThere = true } }
        precondition(isThere)
        tree.forEachReservedRegion { precondition($0.end <= usable.start || usable.end <= $0.start) }
    }
}

private func walk(_ node: Node, _ budget: inout Int) {
    budget -= 1
    guard budget > 0 else { return }
    _ = (node.name, node.isEnabled)
    for property in node.properties {
        budget -= 1
        guard budget > 0 else { return }
        _ = (property.name, property.string, property.strings, property.u32, property.u64, property.cell(1))
    }
    for region in node.registers { precondition(region.end >= region.start) }
    for range in node.ranges { _ = (range.child(of: range.parent), range.parent(of: range.child)) }
    for range in node.dmaRanges { _ = range.child(of: range.parent) }
    for child in node.children { walk(child, &budget) }
}
