/// What debug builds look at besides: writes behind the end of a block, and into a block that was given back.
///
/// Layout of a checked block: the bytes asked for, filling up to the last sixteen bytes, then the size and a mark. An object of a slab that is
/// free is filled as well. Both fillings are looked at before the memory changes hands.
enum HeapChecks {
    #if DEBUG
        static let isOn = true
    #else
        static let isOn = false
    #endif

    /// Bytes at the end of every block.
    static let trailer = isOn ? 16 : 0

    private static let mark: UInt64 = 0x7375_7061_6b63_6f6c
    private static let filling: UInt8 = 0xa5
    private static let freeFilling: UInt8 = 0xdf

    /// Makes `block`, of `usable` bytes, one that was asked for with `size`.
    static func seal(_ block: UnsafeMutableRawPointer, size: Int, usable: Int) {
        let end = usable - trailer
        unsafe (block + size).initializeMemory(as: UInt8.self, repeating: filling, count: end - size)
        unsafe block.storeBytes(of: UInt64(size), toByteOffset: end, as: UInt64.self)
        unsafe block.storeBytes(of: mark, toByteOffset: end + 8, as: UInt64.self)
    }

    /// Stops the program when something was written behind the end of `block`.
    static func verify(_ block: UnsafeMutableRawPointer, usable: Int) {
        let end = usable - trailer
        let size = unsafe block.load(fromByteOffset: end, as: UInt64.self)
        let stored = unsafe block.load(fromByteOffset: end + 8, as: UInt64.self)
        contract(stored == mark && size <= UInt64(end), "a program writes only into the memory it was given")
        for offset in Int(size)..<end {
            contract(
                unsafe block.load(fromByteOffset: offset, as: UInt8.self) == filling,
                "a program writes only into the memory it was given")
        }
    }

    /// Fills an object that is free.
    static func fillFree(_ object: UnsafeMutableRawPointer, _ size: Int) {
        unsafe object.initializeMemory(as: UInt8.self, repeating: freeFilling, count: size)
    }

    /// Stops the program when something was written into an object while it was free.
    static func verifyFree(_ object: UnsafeMutableRawPointer, _ size: Int) {
        for offset in 0..<size {
            contract(
                unsafe object.load(fromByteOffset: offset, as: UInt8.self) == freeFilling,
                "a program does not write into memory that it has given back")
        }
    }
}
