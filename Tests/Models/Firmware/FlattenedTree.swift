/// A device tree taken apart, so that the firmware can write into it: the format of the Devicetree Specification, version 17.
public struct FlattenedTree: Sendable {
    /// A node with its properties and the nodes below it, in their order.
    public struct Node: Sendable {
        /// The name with its unit address.
        public let name: String
        /// The properties.
        public var properties: [(name: String, value: [UInt8])] = []
        /// The nodes below.
        public var children: [Node] = []

        /// A node without anything in it.
        public init(name: String) { self.name = name }

        /// A property's value.
        public subscript(property: String) -> [UInt8]? {
            get { properties.first { $0.name == property }?.value }
            set {
                properties.removeAll { $0.name == property }
                if let newValue { properties.append((property, newValue)) }
            }
        }

        /// A property's first 32-bit cell.
        public func cell(_ property: String) -> Int? { self[property]?.big32(0) }

        /// The strings of a property that is a list of them.
        public func strings(_ property: String) -> [String] {
            (self[property] ?? []).split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// The root.
    public var root: Node

    /// A tree with this root.
    public init(root: Node) { self.root = root }

    private static let magic = 0xd00d_feed
    private static let deepest = 32

    /// Takes `bytes` apart; nil if they are no whole device tree.
    public init?(_ bytes: [UInt8]) {
        guard bytes.big32(0) == Self.magic, let total = bytes.big32(4), total <= bytes.count,
            let structure = bytes.big32(8), let names = bytes.big32(12), let version = bytes.big32(20),
            let compatible = bytes.big32(24), version >= 17, compatible <= 17
        else { return nil }
        var reader = Reader(bytes: bytes, offset: structure, end: total, names: names)
        guard let root = reader.readRoot() else { return nil }
        self.root = root
    }

    /// The node at a path such as `/soc/serial@7e201000`, or at an alias's path.
    public func node(_ path: String) -> Node? {
        var node = root
        for name in path.split(separator: "/") {
            guard let next = node.children.first(where: { $0.name == name }) else { return nil }
            node = next
        }
        return node
    }

    /// Where an alias leads.
    public func alias(_ name: String) -> String? { node("/aliases")?.strings(name).first }

    /// The node with this phandle.
    public func node(phandle: Int) -> Node? {
        var pending = [root]
        while let node = pending.popLast() {
            if node.cell("phandle") == phandle { return node }
            pending += node.children
        }
        return nil
    }

    /// Sets a property; makes the nodes on the way to it if `creating` says so. False if there is no such node.
    @discardableResult
    public mutating func set(_ path: String, _ property: String, _ value: [UInt8], creating: Bool = false) -> Bool {
        Self.set(path.split(separator: "/")[...], property, value, creating: creating, in: &root)
    }

    private static func set(
        _ path: ArraySlice<Substring>, _ property: String, _ value: [UInt8], creating: Bool, in node: inout Node
    ) -> Bool {
        guard let name = path.first else {
            node[property] = value
            return true
        }
        if !node.children.contains(where: { $0.name == name }) {
            guard creating else { return false }
            node.children.append(Node(name: String(name)))
        }
        guard let index = node.children.firstIndex(where: { $0.name == name }) else { return false }
        return set(path.dropFirst(), property, value, creating: creating, in: &node.children[index])
    }
}

extension FlattenedTree {
    /// The tree as one block: header, an empty list of reservations, structure, names.
    public func serialized() -> [UInt8] {
        var names: [UInt8] = []
        var offsets: [String: Int] = [:]
        var structure: [UInt8] = []
        Self.write(root, to: &structure, names: &names, offsets: &offsets)
        structure.appendBig32(9)
        let reservations = [UInt8](repeating: 0, count: 16)
        let start = 40 + reservations.count
        var bytes: [UInt8] = []
        let total = start + structure.count + names.count
        let header = [
            Self.magic, total, start, start + structure.count, 40, 17, 16, 0, names.count, structure.count,
        ]
        for word in header { bytes.appendBig32(word) }
        return bytes + reservations + structure + names
    }

    private static func write(
        _ node: Node, to structure: inout [UInt8], names: inout [UInt8], offsets: inout [String: Int]
    ) {
        structure.appendBig32(1)
        structure += Array(node.name.utf8) + [0]
        pad(&structure)
        for property in node.properties {
            let offset = offsets[property.name] ?? names.count
            if offsets.updateValue(offset, forKey: property.name) == nil { names += Array(property.name.utf8) + [0] }
            structure.appendBig32(3)
            structure.appendBig32(property.value.count)
            structure.appendBig32(offset)
            structure += property.value
            pad(&structure)
        }
        for child in node.children { write(child, to: &structure, names: &names, offsets: &offsets) }
        structure.appendBig32(2)
    }

    private static func pad(_ bytes: inout [UInt8]) {
        while bytes.count % 4 != 0 { bytes.append(0) }
    }

    /// The structure block, read token by token.
    private struct Reader {
        let bytes: [UInt8]
        var offset: Int
        let end: Int
        let names: Int

        mutating func readRoot() -> Node? {
            guard token() == 1, let root = readNode(depth: 0), token() == 9 else { return nil }
            return root
        }

        private mutating func readNode(depth: Int) -> Node? {
            guard depth < FlattenedTree.deepest, let name = text(at: offset) else { return nil }
            offset = (offset + name.utf8.count + 4) & ~3
            var node = Node(name: name)
            while let token = token() {
                switch token {
                case 1:
                    guard let child = readNode(depth: depth + 1) else { return nil }
                    node.children.append(child)
                case 2: return node
                case 3:
                    guard let length = word(), let place = word(), let name = text(at: names + place),
                        let value = bytes.slice(offset, length), offset + length <= end
                    else { return nil }
                    node.properties.append((name, value))
                    offset = (offset + length + 3) & ~3
                default: return nil
                }
            }
            return nil
        }

        /// The next token that says something; nil at the end.
        private mutating func token() -> Int? {
            while let token = word() {
                if token != 4 { return token }
            }
            return nil
        }

        private mutating func word() -> Int? {
            guard offset + 4 <= end, let word = bytes.big32(offset) else { return nil }
            offset += 4
            return word
        }

        private func text(at start: Int) -> String? {
            guard start >= 0, start < end, let stop = bytes[start..<end].firstIndex(of: 0) else { return nil }
            return String(decoding: bytes[start..<stop], as: UTF8.self)
        }
    }
}
