/// A node of a device tree. A small value; the tree's memory is all it refers to.
public struct Node: Sendable {
    let block: StructureBlock
    private let nameRange: Range<Int>
    /// Where the node's first token stands; which also tells nodes apart and orders them.
    let offset: Int
    /// Cells in an address of `reg`, as the parent says.
    public let addressCells: Int
    /// Cells in a size of `reg`, as the parent says.
    public let sizeCells: Int

    init(_ block: StructureBlock, name: Range<Int>, first: Int, addressCells: Int, sizeCells: Int) {
        self.block = block
        nameRange = name
        offset = first
        self.addressCells = addressCells
        self.sizeCells = sizeCells
    }

    /// The name with its address: "serial@7e201000". Empty for the root.
    public var name: String { block.bytes.text(nameRange) }

    /// True unless the property `status` says something else than "okay".
    public var isEnabled: Bool {
        guard let status = property("status") else { return true }
        return status.holds("okay") || status.holds("ok")
    }

    /// True when `name` is in the property `compatible`.
    public func isCompatible(with name: String) -> Bool { property("compatible")?.holds(name) == true }

    // MARK: Inside

    /// The nodes in this one, in their order.
    public var children: Children { Children(self) }

    /// The properties, in their order.
    public var properties: Properties { Properties(self) }

    /// The property of the name `name`.
    @_disfavoredOverload
    public func property(_ name: String) -> Property? { property(name.utf8) }

    /// The property of the constant name `name`.
    public func property(_ name: StaticString) -> Property? { unsafe property(name.octets) }

    func property(_ name: some Collection<UInt8>) -> Property? {
        for property in properties where block.bytes.holds(name, terminatedAt: property.nameStart) { return property }
        return nil
    }

    /// The child of the name `name`; when that has no address in it, the first child that is called so before the address.
    @_disfavoredOverload
    public func child(_ name: String) -> Node? { child(name.utf8) }

    /// The same for a constant name.
    public func child(_ name: StaticString) -> Node? { unsafe child(name.octets) }

    func child(_ name: some Collection<UInt8>) -> Node? {
        for node in children where node.isCalled(name) { return node }
        return nil
    }

    private func isCalled(_ name: some Collection<UInt8>) -> Bool {
        if block.bytes.holds(name, at: nameRange) { return true }
        let length = name.count
        guard length < nameRange.count, block.bytes[nameRange.lowerBound + length] == 0x40 else { return false }
        return block.bytes.holds(name, at: nameRange.lowerBound..<nameRange.lowerBound + length)
    }

    /// The node that `path` leads to from here.
    func descendant(_ path: ArraySlice<UInt8>) -> Node? {
        var node = self
        var rest = path
        while true {
            rest = rest.drop { $0 == 0x2F }
            if rest.isEmpty { return node }
            let name = rest.prefix { $0 != 0x2F }
            guard let child = node.child(name) else { return nil }
            node = child
            rest = rest.dropFirst(name.count)
        }
    }

    /// The first of this node and all nodes in it for which `condition` holds, in the order of the tree.
    func first(where condition: (Node) -> Bool) -> Node? {
        if condition(self) { return self }
        // Recursion is as deep as the tree, which was found to be at most `maximumDepth`.
        for child in children {
            if let found = child.first(where: condition) { return found }
        }
        return nil
    }

    // MARK: Addresses

    /// Cells in an address of the children; 2 where the node does not say.
    public var childAddressCells: Int { cells("#address-cells") ?? 2 }
    /// Cells in a size of the children; 1 where the node does not say.
    public var childSizeCells: Int { cells("#size-cells") ?? 1 }

    private func cells(_ name: StaticString) -> Int? {
        guard let count = property(name)?.u32, count <= 4 else { return nil }
        return Int(count)
    }

    /// The rows of `reg`, in the addresses of the parent. Rows whose numbers take more than 64 bits, as those of PCI
    /// do, are left out.
    public var registers: Registers {
        Registers(property: property("reg"), addressCells: addressCells, sizeCells: sizeCells)
    }

    /// The rows of `dma-ranges`: where devices on this bus find the memory of its parent. Empty both where the property
    /// is absent and where it is empty, which means that the addresses are the same; ask `property` to know which.
    public var dmaRanges: AddressRanges { addressRanges("dma-ranges") }

    /// The rows of `ranges`: where the parent finds the devices on this bus. Empty as above.
    public var ranges: AddressRanges { addressRanges("ranges") }

    private func addressRanges(_ name: StaticString) -> AddressRanges {
        AddressRanges(
            property: property(name), childCells: childAddressCells, parentCells: addressCells,
            sizeCells: childSizeCells)
    }
}
