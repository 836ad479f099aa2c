/// A flattened device tree, as firmware hands it to a kernel (Devicetree Specification 0.4, version 17 of the format).
///
/// It is read where it lies: no copy, and no allocation except for the strings and arrays a caller asks for. `init` walks
/// the whole tree once and refuses it if anything is wrong; afterwards questions have answers or nil. No access
/// ever leaves the memory handed over.
public struct DeviceTree: Sendable {
    /// Nodes in nodes that are accepted; real trees have six.
    public static let maximumDepth = 32

    /// The node everything else is in.
    public let root: Node
    /// Length of the tree in bytes (`totalsize`): what must be kept for as long as it is used.
    public let byteCount: Int
    /// The physical number of the processor that boots (`boot_cpuid_phys`).
    public let bootProcessor: UInt32
    private let reservationStart: Int

    private static let headerSize = 40
    private static let magic: UInt32 = 0xD00D_FEED

    /// The tree at the start of `memory`, which may be longer than the tree.
    ///
    /// The caller promises that the memory stays readable for as long as the tree or anything from it is used. Nothing is
    /// written to it.
    public init(_ memory: UnsafeRawBufferPointer) throws(DeviceTreeError) {
        guard let all = unsafe FlattenedBytes(memory) else { throw .misaligned }
        guard all.count >= Self.headerSize, all.word(0) == Self.magic else { throw .magic }
        let size = all.word(4)
        guard size >= Self.headerSize, size <= all.count else { throw .totalSize(size) }
        let bytes = FlattenedBytes(all, first: Int(size))
        guard bytes.word(20) >= 17, bytes.word(24) <= 17 else { throw .version(bytes.word(20)) }

        guard var strings = Self.range(at: bytes.word(12), bytes.word(32), in: bytes) else { throw .stringsBlock }
        // Every name that begins before the last zero ends in time, which saves looking at each.
        while let last = strings.last, bytes[last] != 0 { strings = strings.dropLast() }
        guard let tokens = Self.range(at: bytes.word(8), bytes.word(36), in: bytes), tokens.lowerBound & 3 == 0 else {
            throw .structureBlock(.bounds, offset: Int(bytes.word(8)))
        }
        reservationStart = Int(bytes.word(16))
        guard Self.reservationsEnd(bytes, reservationStart) else { throw .reservationBlock }

        let block = StructureBlock(bytes: bytes, tokens: tokens, strings: strings)
        let (name, first) = try block.validate()
        root = Node(block, name: name, first: first, addressCells: 2, sizeCells: 1)
        byteCount = Int(size)
        bootProcessor = bytes.word(28)
    }

    private static func range(at offset: UInt32, _ size: UInt32, in bytes: FlattenedBytes) -> Range<Int>? {
        guard offset >= headerSize, Int(offset) + Int(size) <= bytes.count else { return nil }
        return Int(offset)..<Int(offset) + Int(size)
    }

    private static func reservationsEnd(_ bytes: FlattenedBytes, _ start: Int) -> Bool {
        guard start >= headerSize, start & 3 == 0 else { return false }
        var offset = start
        while bytes.count - offset >= 16 {
            let isLast =
                bytes.word(offset) | bytes.word(offset + 4) | bytes.word(offset + 8) | bytes.word(offset + 12) == 0
            if isLast { return true }
            offset += 16
        }
        return false
    }

    // MARK: Nodes

    /// The node at `path`: names with slashes between them from the root ("/soc/serial@7e201000"; the address may be left
    /// out where the name is clear without), or an alias, alone or in front of such a path ("serial0"). Options after
    /// a colon, as in `stdout-path`, are left aside.
    public func node(_ path: String) -> Node? { node(Array(path.utf8)) }

    // Bytes and no text: see `StaticString.octets`.
    func node(_ path: [UInt8]) -> Node? {
        let whole = path.prefix { $0 != 0x3A }
        guard let first = whole.first else { return nil }
        guard first != 0x2F else { return root.descendant(whole) }
        let name = whole.prefix { $0 != 0x2F }
        guard let aliases = root.child("aliases"), let target = aliases.property(name)?.bytes,
            target.first == 0x2F, let node = root.descendant(target.prefix { $0 != 0x3A && $0 != 0 })
        else { return nil }
        return node.descendant(whole.dropFirst(name.count))
    }

    /// The first node that says it is compatible with `name`, in the order of the tree; among those after `previous`
    /// when that is given.
    public func node(compatible name: String, after previous: Node? = nil) -> Node? {
        root.first { node in
            (previous.map { node.offset > $0.offset } ?? true) && node.isCompatible(with: name)
        }
    }

    /// The node that others refer to by the number `phandle`.
    public func node(phandle: UInt32) -> Node? { root.first { $0.property("phandle")?.u32 == phandle } }

    // MARK: Memory

    /// Calls `body` with each region of memory there is, from the nodes of `device_type` "memory". Regions may touch, and
    /// reserved parts are not taken out.
    public func forEachMemoryRegion(_ body: (MemoryRegion) -> Void) {
        for node in root.children where node.property("device_type")?.holds("memory") == true {
            for region in node.registers where region.size > 0 { body(region) }
        }
    }

    /// Calls `body` with each region that is not to be used: the memory reservation block first, then those children of
    /// `/reserved-memory` that say where they lie.
    public func forEachReservedRegion(_ body: (MemoryRegion) -> Void) {
        let bytes = root.block.bytes
        var offset = reservationStart
        while bytes.count - offset >= 16 {
            let start = UInt64(bytes.word(offset)) << 32 | UInt64(bytes.word(offset + 4))
            let size = UInt64(bytes.word(offset + 8)) << 32 | UInt64(bytes.word(offset + 12))
            if start | size == 0 { break }
            if size > 0 { body(MemoryRegion(start: start, size: size)) }
            offset += 16
        }
        guard let reserved = root.child("reserved-memory") else { return }
        for node in reserved.children where node.isEnabled {
            for region in node.registers where region.size > 0 { body(region) }
        }
    }

    /// What firmware and user say about this start of the system; nil without a `/chosen` node.
    public var chosen: Chosen? { root.child("chosen").map { Chosen(node: $0) } }
}
