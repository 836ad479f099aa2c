/// The sizes in which small objects are handed out. A page holds objects of one size, from its start.
///
/// Steps of 16 bytes up to 128, then four steps for each doubling: at most a quarter of an object is lost to rounding.
enum SizeClass {
    static let count = 24
    static let largest = 2048

    /// The size of class `index` in bytes.
    @inline(__always) static func size(_ index: Int) -> Int {
        index < 8 ? (index + 1) * 16 : (5 + (index & 3)) << (5 + (index - 8) >> 2)
    }

    /// The smallest class whose objects hold `size` bytes on a multiple of `alignment`, or nil when whole pages serve
    /// better. An object lies on a multiple of the largest power of two that divides its size.
    static func index(size: Int, alignment: Int) -> Int? {
        guard size <= largest, alignment <= largest else { return nil }
        var index = size <= 128 ? max(0, (size - 1) >> 4) : 8
        while index < count {
            let candidate = self.size(index)
            if candidate >= size, candidate & (alignment - 1) == 0 { return index }
            index += 1
        }
        return nil
    }
}
