/// A 64-bit little-endian ELF file, read as far as the tools need it: sections and symbols.
package struct ELFImage: Sendable {
    /// A section with a name.
    package struct Section: Equatable, Sendable {
        /// Its name, such as `.text`.
        package let name: String
        /// `SHT_...`.
        package let type: UInt32
        /// `SHF_...`.
        package let flags: UInt64
        /// Where it lies in memory.
        package let address: UInt64
        /// Where it lies in the file, in bytes.
        package let offset: Int
        /// Bytes, in memory and, unless it is zero-filled, in the file.
        package let size: Int

        /// Whether it takes memory in the running image.
        package var isAllocated: Bool { flags & 2 != 0 }
        /// Whether it is zero-filled and takes no room in the file.
        package var isZeroFilled: Bool { type == 8 }
    }

    /// A symbol of the symbol table.
    package struct Symbol: Equatable, Sendable {
        /// What the symbol stands for; `STT_...`.
        package enum Kind: Equatable, Sendable {
            case data, function, other
        }

        /// Its name, mangled where the compiler mangles.
        package let name: String
        /// Its address.
        package let address: UInt64
        /// Bytes.
        package let size: Int
        /// What it stands for.
        package let kind: Kind
        /// The number of the section that it lies in; `SHN_...` when it lies in none.
        package let section: Int
    }

    /// The sections, in the file's order.
    package let sections: [Section]
    /// The symbols that have a section, in the file's order.
    package let symbols: [Symbol]
    /// Where the machine begins.
    package let entry: UInt64

    /// Reads the file at `path`.
    package init(path: String) throws {
        do {
            try self.init(bytes: Files.read(path))
        } catch ELFError.malformed {
            throw ELFError.notELF(path: path)
        }
    }

    /// Reads an ELF file's bytes.
    package init(bytes: [UInt8]) throws {
        let file = ByteReader(bytes)
        guard bytes.count >= 64, Array(bytes[0..<6]) == [0x7f, 0x45, 0x4c, 0x46, 2, 1] else {
            throw ELFError.malformed
        }
        entry = try file.uint64(at: 0x18)
        let table = try file.integer(at: 0x28)
        let entrySize = Int(try file.uint16(at: 0x3a))
        let count = Int(try file.uint16(at: 0x3c))
        let nameSection = Int(try file.uint16(at: 0x3e))

        guard entrySize >= 64, table + count * entrySize <= bytes.count else { throw ELFError.malformed }

        struct Header {
            let name: Int
            let section: Section
            let link: Int
        }
        var headers: [Header] = []
        for index in 0..<count {
            let at = table + index * entrySize
            let section = Section(
                name: "", type: try file.uint32(at: at + 4), flags: try file.uint64(at: at + 8),
                address: try file.uint64(at: at + 0x10), offset: try file.integer(at: at + 0x18),
                size: try file.integer(at: at + 0x20))
            guard section.isZeroFilled || section.offset + section.size <= bytes.count else { throw ELFError.malformed }
            headers.append(
                Header(
                    name: Int(try file.uint32(at: at)), section: section, link: Int(try file.uint32(at: at + 0x28))))
        }
        guard nameSection < headers.count else { throw ELFError.malformed }
        let names = headers[nameSection].section.offset
        sections = try headers.map {
            Section(
                name: try file.string(at: names + $0.name), type: $0.section.type, flags: $0.section.flags,
                address: $0.section.address, offset: $0.section.offset, size: $0.section.size)
        }

        var symbols: [Symbol] = []
        for header in headers where header.section.type == 2 {
            guard header.link < headers.count else { throw ELFError.malformed }
            let strings = headers[header.link].section.offset
            for at in stride(from: header.section.offset, to: header.section.offset + header.section.size, by: 24) {
                let information = try file.uint8(at: at + 4)
                let section = Int(try file.uint16(at: at + 6))
                guard section != 0 else { continue }
                let kind: Symbol.Kind =
                    switch information & 15 {
                    case 1: .data
                    case 2: .function
                    default: .other
                    }
                symbols.append(
                    Symbol(
                        name: try file.string(at: strings + Int(try file.uint32(at: at))),
                        address: try file.uint64(at: at + 8), size: try file.integer(at: at + 16), kind: kind,
                        section: section))
            }
        }
        self.symbols = symbols
    }

    /// The section with this name.
    package func section(named name: String) -> Section? {
        sections.first { $0.name == name }
    }

    /// The largest functions and variables first.
    package func largestSymbols(_ count: Int) -> [Symbol] {
        let sized = symbols.filter { $0.size > 0 && $0.kind != .other }
        return Array(sized.sorted { ($0.size, $1.name) > ($1.size, $0.name) }.prefix(count))
    }
}

/// A file that is not what it should be.
package enum ELFError: UserError, Equatable {
    case malformed
    case notELF(path: String)

    package var description: String {
        switch self {
        case .malformed: "this is not a complete 64-bit ELF file"
        case .notELF(let path): "\(path) is not a complete 64-bit ELF file; give the kernel8.elf that `apus build` left"
        }
    }
}
