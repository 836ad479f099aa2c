/// Array literals that the compiler has made constants, in the object files of an image.
///
/// swiftc 6.3.1 compiles a function of one module again in others that use it, and makes a constant of each of its array literals there as well,
/// numbered in the order in which it comes upon them. When that order differs, the same name stands for different arrays, and the linker
/// takes one of them for all: the function then works with the wrong literal. It takes two array literals of one type in a function.
package struct OutlinedArrays {
    private var known: [String: (bytes: [UInt8], file: String)] = [:]

    /// No files yet.
    package init() {}

    /// Compares the arrays in the object file `bytes` with those of the files before.
    /// - Throws: `BuildError.twoArrays` when one name stands for two.
    package mutating func add(_ bytes: [UInt8], from file: String) throws {
        let object = try ELFImage(bytes: bytes)
        for symbol in object.symbols
        where Self.isOutlined(symbol.name) && object.sections.indices.contains(symbol.section) {
            let section = object.sections[symbol.section]
            let start = section.offset + Int(symbol.address)
            guard !section.isZeroFilled, start + symbol.size <= section.offset + section.size else { continue }
            let content = Array(bytes[start..<start + symbol.size])
            guard let other = known[symbol.name] else {
                known[symbol.name] = (content, file)
                continue
            }
            guard other.bytes == content else {
                throw BuildError.twoArrays(symbol: symbol.name, files: [other.file, file])
            }
        }
    }

    /// Whether `name` is that of an outlined object: the function's, `Tv`, a number unless it is the first, `_r`.
    static func isOutlined(_ name: String) -> Bool {
        guard name.hasSuffix("_r") else { return false }
        var stem = name.dropLast(2)
        while let last = stem.last, last.isNumber { stem.removeLast() }
        return stem.hasSuffix("Tv")
    }
}
