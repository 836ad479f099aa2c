/// What makes a block of memory no device tree. The names are those of the Devicetree Specification 0.4, chapter 5.
public enum DeviceTreeError: Error, Equatable, Sendable {
    /// The memory does not begin at a multiple of four bytes.
    case misaligned
    /// It does not begin with 0xD00DFEED: whatever it is, it is no device tree.
    case magic
    /// `totalsize` is less than the header or more than the memory that was handed over.
    case totalSize(UInt32)
    /// The format is older than version 17, or newer and not compatible with it.
    case version(UInt32)
    /// The memory reservation block lies outside, or does not end.
    case reservationBlock
    /// The strings block lies outside.
    case stringsBlock
    /// The structure block lies outside, or holds what it cannot; with the offset in bytes from the start of the tree.
    case structureBlock(Fault, offset: Int)

    /// What is wrong with the structure block.
    public enum Fault: Sendable {
        /// It lies outside the tree, or not at a multiple of four bytes.
        case bounds
        /// A word that is no token, or a token that cannot stand where it does.
        case token
        /// The name of a node does not end.
        case nodeName
        /// A property reaches past the end, or its name lies outside the strings block.
        case property
        /// Nodes in nodes, more than `DeviceTree.maximumDepth`.
        case depth
    }
}

extension DeviceTreeError: CustomStringConvertible {
    /// One line for a person, without a full stop.
    public var description: String {
        switch self {
        case .misaligned: "device tree: not at a multiple of four bytes"
        case .magic: "device tree: no magic number"
        case .totalSize(let size): "device tree: impossible totalsize " + size.description
        case .version(let version): "device tree: unknown version " + version.description
        case .reservationBlock: "device tree: bad memory reservation block"
        case .stringsBlock: "device tree: bad strings block"
        case .structureBlock(let fault, let offset):
            "device tree: bad " + fault.words + " at offset " + offset.description
        }
    }
}

extension DeviceTreeError.Fault {
    var words: String {
        switch self {
        case .bounds: "structure block"
        case .token: "token"
        case .nodeName: "node name"
        case .property: "property"
        case .depth: "depth of nodes"
        }
    }
}
