/// The tokens of a flattened tree (Devicetree Specification 0.4, section 5.4).
enum Token {
    static let beginNode: UInt32 = 1
    static let endNode: UInt32 = 2
    static let property: UInt32 = 3
    static let nop: UInt32 = 4
    static let end: UInt32 = 9
}

/// Where the blocks of a tree lie, and the walk from token to token.
struct StructureBlock: Sendable {
    let bytes: FlattenedBytes
    /// Where the tokens lie: offsets in bytes from the start of the tree, multiples of four.
    let tokens: Range<Int>
    /// Where the names of properties lie, up to and including the last zero.
    let strings: Range<Int>

    /// One token with what belongs to it.
    enum Item {
        /// A node begins; its name, and where its first token stands.
        case beginNode(name: Range<Int>, next: Int)
        /// A node ends.
        case endNode(next: Int)
        /// A property; where its name begins, its value, and where the next token stands.
        case property(name: Int, value: Range<Int>, next: Int)
        /// The structure block ends.
        case end
    }

    /// The token at `offset`, with those that say nothing before it passed over.
    func item(at offset: Int) throws(DeviceTreeError) -> Item {
        var position = offset
        while position < tokens.upperBound {
            switch bytes.word(position) {
            case Token.nop: position += 4
            case Token.beginNode:
                let start = position + 4
                guard let length = bytes.length(from: start, to: tokens.upperBound) else {
                    throw .structureBlock(.nodeName, offset: position)
                }
                return .beginNode(name: start..<start + length, next: start + Self.aligned(length + 1))
            case Token.endNode: return .endNode(next: position + 4)
            case Token.property:
                guard tokens.upperBound - position >= 12 else { throw .structureBlock(.property, offset: position) }
                let length = Int(bytes.word(position + 4))
                let name = Int(bytes.word(position + 8))
                let start = position + 12
                guard length <= tokens.upperBound - start, name < strings.count else {
                    throw .structureBlock(.property, offset: position)
                }
                return .property(
                    name: strings.lowerBound + name, value: start..<start + length, next: start + Self.aligned(length))
            case Token.end: return .end
            default: throw .structureBlock(.token, offset: position)
            }
        }
        throw .structureBlock(.token, offset: position)
    }

    private static func aligned(_ length: Int) -> Int { (length + 3) & ~3 }

    /// Walks all tokens once and throws where they do not make a tree: properties before nodes, everything closed, one root.
    /// Returns where the root's name lies and where its first token stands.
    func validate() throws(DeviceTreeError) -> (name: Range<Int>, first: Int) {
        guard case .beginNode(let name, let first) = try item(at: tokens.lowerBound) else {
            throw .structureBlock(.token, offset: tokens.lowerBound)
        }
        var depth = 1
        var position = first
        var mayHoldProperties = true
        while depth > 0 {
            switch try item(at: position) {
            case .beginNode(_, let next):
                guard depth < DeviceTree.maximumDepth else { throw .structureBlock(.depth, offset: position) }
                depth += 1
                mayHoldProperties = true
                position = next
            case .endNode(let next):
                depth -= 1
                mayHoldProperties = false
                position = next
            case .property(_, _, let next):
                guard mayHoldProperties else { throw .structureBlock(.property, offset: position) }
                position = next
            case .end: throw .structureBlock(.token, offset: position)
            }
        }
        guard case .end = try item(at: position) else { throw .structureBlock(.token, offset: position) }
        return (name, first)
    }

    /// Like `item(at:)`, in a tree that was validated. Should the memory have changed since, the tree ends there.
    func validItem(at offset: Int) -> Item {
        do {
            return try item(at: offset)
        } catch {
            return .end
        }
    }
}
