/// The children of a node. Finding the next one passes over everything in the one before.
public struct Children: Sequence, IteratorProtocol {
    private let block: StructureBlock
    private let addressCells: Int
    private let sizeCells: Int
    private var offset: Int

    init(_ node: Node) {
        block = node.block
        (addressCells, sizeCells) = (node.childAddressCells, node.childSizeCells)
        offset = node.offset
    }

    /// The next child.
    public mutating func next() -> Node? {
        while true {
            switch block.validItem(at: offset) {
            case .property(_, _, let next): offset = next
            case .beginNode(let name, let first):
                offset = end(from: first)
                return Node(block, name: name, first: first, addressCells: addressCells, sizeCells: sizeCells)
            case .endNode, .end: return nil
            }
        }
    }

    /// Where the token after the node stands whose first token is at `first`.
    private func end(from first: Int) -> Int {
        var position = first
        var depth = 1
        while depth > 0 {
            switch block.validItem(at: position) {
            case .property(_, _, let next): position = next
            case .beginNode(_, let next): (position, depth) = (next, depth + 1)
            case .endNode(let next): (position, depth) = (next, depth - 1)
            case .end: return position
            }
        }
        return position
    }
}

/// The properties of a node.
public struct Properties: Sequence, IteratorProtocol {
    private let block: StructureBlock
    private var offset: Int

    init(_ node: Node) {
        block = node.block
        offset = node.offset
    }

    /// The next property.
    public mutating func next() -> Property? {
        // Properties come before all children.
        guard case .property(let name, let value, let next) = block.validItem(at: offset) else { return nil }
        offset = next
        return Property(bytesOfTree: block.bytes, nameStart: name, range: value)
    }
}

/// The rows of a `reg` property: an address and a size each.
public struct Registers: Sequence, IteratorProtocol {
    private let property: Property?
    private let addressCells: Int
    private let sizeCells: Int
    private var cell = 0

    init(property: Property?, addressCells: Int, sizeCells: Int) {
        self.property = property
        (self.addressCells, self.sizeCells) = (addressCells, sizeCells)
    }

    /// The next row.
    public mutating func next() -> MemoryRegion? {
        let width = addressCells + sizeCells
        guard let property, width > 0 else { return nil }
        while property.cellCount - cell >= width {
            let start = property.number(cells: addressCells, at: cell)
            let size = property.number(cells: sizeCells, at: cell + addressCells)
            cell += width
            if let start, let size { return MemoryRegion(start: start, size: size) }
        }
        return nil
    }
}

/// The rows of a `ranges` or `dma-ranges` property.
public struct AddressRanges: Sequence, IteratorProtocol {
    private let property: Property?
    private let childCells: Int
    private let parentCells: Int
    private let sizeCells: Int
    private var cell = 0

    init(property: Property?, childCells: Int, parentCells: Int, sizeCells: Int) {
        self.property = property
        (self.childCells, self.parentCells, self.sizeCells) = (childCells, parentCells, sizeCells)
    }

    /// The next row.
    public mutating func next() -> AddressRange? {
        let width = childCells + parentCells + sizeCells
        guard let property, width > 0 else { return nil }
        while property.cellCount - cell >= width {
            let child = property.number(cells: childCells, at: cell)
            let parent = property.number(cells: parentCells, at: cell + childCells)
            let size = property.number(cells: sizeCells, at: cell + childCells + parentCells)
            cell += width
            if let child, let parent, let size { return AddressRange(child: child, parent: parent, size: size) }
        }
        return nil
    }
}
