import Boot

/// The text of the last crash, in memory that a warm reboot leaves alone, more or less: while the memory is trained anew its content is not
/// refreshed, and some bits flip; where the reset takes the supply away, many do (docs/HARDWARE.md).
///
/// Layout: nine copies of cells of a cache line each. A cell holds 56 bytes of the text, the text's length and a checksum of all that and of the
/// cell's number. A cell is taken from the first copy that is intact; from the majority of each bit where none is; and is shown between
/// `[?` and `?]` where that fits no checksum either. Whatever else lies there after power-on is taken for no report.
@safe
struct RetainedReport: TextSink {
    private static let cellSize = 64
    private static let textSize = 56
    /// Cells that are looked at for whether there is a report at all.
    private static let probes = 8

    private let base: UnsafeMutableRawPointer
    /// Nine, which `majority` counts on. Worked out from the memory's size, for with a constant the compiler lays out each loop over them nine
    /// times.
    private let copies: Int
    /// Cells in a copy.
    private let cells: Int
    private var length = 0

    /// A cell, in words.
    private struct Cell {
        var words: [8 of UInt64] = [0, 0, 0, 0, 0, 0, 0, 0]

        /// Bytes of the whole text.
        var length: UInt32 { UInt32(truncatingIfNeeded: words[7]) }

        /// What the upper half of the last word is in the cell `number` when no bit has changed.
        func checksum(_ number: Int) -> UInt32 {
            var hash = UInt64(number) ^ 0x7375_7061_6873_6172  // "rashapus"
            for index in 0..<8 {
                // An odd factor: no change of a word is lost.
                hash = (hash ^ (index < 7 ? words[index] : UInt64(length))) &* 0x9e37_79b9_7f4a_7c15
                hash ^= hash >> 32
            }
            return UInt32(truncatingIfNeeded: hash)
        }

        func isIntact(_ number: Int) -> Bool { UInt32(words[7] >> 32) == checksum(number) }
    }

    /// The report in `memory`, which begins on a cache line; empty until `put`.
    init(memory: UnsafeMutableRawBufferPointer) {
        unsafe base = memory.baseAddress!
        copies = min(9, memory.count / RetainedReport.cellSize)
        cells = memory.count / (copies * RetainedReport.cellSize)
    }

    /// The board's retained memory.
    init() {
        let size = apus_retained_size()
        unsafe self.init(memory: UnsafeMutableRawBufferPointer(start: apus_retained_memory(), count: size))
    }

    /// Bytes of text that fit.
    var capacity: Int { cells * RetainedReport.textSize }

    private var size: Int { cells * copies * RetainedReport.cellSize }

    // MARK: - Writing

    /// Adds a byte; what does not fit is dropped.
    mutating func put(_ byte: UInt8) {
        guard length < capacity else { return }
        let (cell, offset) = length.quotientAndRemainder(dividingBy: RetainedReport.textSize)
        unsafe base.storeBytes(of: byte, toByteOffset: cell * RetainedReport.cellSize + offset, as: UInt8.self)
        length += 1
    }

    /// Makes the text valid and durable across a reset of the processor.
    func seal() {
        for number in 0..<RetainedReport.cells(of: length) {
            var cell = load(0, number)
            cell.words[7] = UInt64(length)
            cell.words[7] |= UInt64(cell.checksum(number)) << 32
            for copy in 0..<copies { store(cell, copy, number) }
        }
        // The reset drops the caches: the text has to be in memory before it.
        unsafe apus_clean_cache(base, size)
    }

    // MARK: - Reading

    /// Puts together what is left of a sealed report and lays it at the start of the memory, where it stays until the next one.
    /// - Returns: its length in bytes; 0 for no report. Call `clear(from:)` when it has been shown.
    func recover() -> Int {
        // In memory that was cleared nothing more is looked at.
        guard (0..<copies).contains(where: { load($0, 0, word: 7) != 0 }) else { return 0 }
        var total = 0
        for number in 0..<min(RetainedReport.probes, cells) {
            let (cell, isIntact) = merged(number)
            if isIntact {
                total = Int(cell.length)
                break
            }
        }
        // What is written here ends before the next cell begins: marks and all it is shorter than a cell.
        var target = unsafe UnsafeMutableRawBufferPointer(start: base, count: size)
        var end = 0
        for number in 0..<min(RetainedReport.cells(of: total), cells) {
            let (cell, isIntact) = merged(number)
            if !isIntact { end = unsafe RetainedReport.put(0x3f5b, into: &target, at: end) }
            for offset in 0..<min(RetainedReport.textSize, total - number * RetainedReport.textSize) {
                let byte = UInt8(truncatingIfNeeded: cell.words[offset / 8] >> UInt64(offset % 8 * 8))
                let isText = isIntact || byte == 0x0a || (0x20..<0x7f).contains(byte)
                unsafe target[end] = isText ? byte : 0x3f
                end += 1
            }
            if !isIntact { end = unsafe RetainedReport.put(0x5d3f, into: &target, at: end) }
        }
        return end
    }

    private static func put(_ mark: UInt16, into target: inout UnsafeMutableRawBufferPointer, at end: Int) -> Int {
        unsafe target[end] = UInt8(truncatingIfNeeded: mark)
        unsafe target[end + 1] = UInt8(mark >> 8)
        return end + 2
    }

    /// The first `length` bytes of the memory: the text that `recover` has laid there.
    func bytes(_ length: Int) -> [UInt8] {
        (0..<min(length, size)).map { offset in unsafe base.load(fromByteOffset: offset, as: UInt8.self) }
    }

    /// The same, for as long as no report is written.
    func text(_ length: Int) -> UnsafeBufferPointer<UInt8> {
        unsafe UnsafeBufferPointer(start: base.assumingMemoryBound(to: UInt8.self), count: length)
    }

    /// Forgets the report, but for the first `end` bytes, which are none.
    func clear(from end: Int) {
        unsafe (base + end).initializeMemory(as: UInt8.self, repeating: 0, count: size - end)
        unsafe apus_clean_cache(base, size)
    }

    /// A cell as it once was, if that can be known.
    private func merged(_ number: Int) -> (cell: Cell, isIntact: Bool) {
        for copy in 0..<copies {
            let cell = load(copy, number)
            if cell.isIntact(number) { return (cell, true) }
        }
        var cell = Cell()
        for word in 0..<8 { cell.words[word] = majority(number, word: word) }
        return (cell, cell.isIntact(number))
    }

    /// Each bit as most copies have it. All 64 are counted at once: `ones` has the lowest digit of each bit's count, and so on.
    private func majority(_ number: Int, word: Int) -> UInt64 {
        var (ones, twos, fours, eights): (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        for copy in 0..<copies {
            var carry = load(copy, number, word: word)
            (ones, carry) = (ones ^ carry, ones & carry)
            (twos, carry) = (twos ^ carry, twos & carry)
            (fours, carry) = (fours ^ carry, fours & carry)
            eights |= carry
        }
        // Five or more of nine.
        return eights | fours & (ones | twos)
    }

    // MARK: - Cells

    private static func cells(of length: Int) -> Int { (length + textSize - 1) / textSize }

    private func offset(_ copy: Int, _ number: Int, _ word: Int) -> Int {
        // All of it lies in the memory, far from any overflow.
        (copy &* cells &+ number) &* RetainedReport.cellSize &+ word &* 8
    }

    private func load(_ copy: Int, _ number: Int, word: Int) -> UInt64 {
        unsafe base.load(fromByteOffset: offset(copy, number, word), as: UInt64.self)
    }

    private func load(_ copy: Int, _ number: Int) -> Cell {
        var cell = Cell()
        for word in 0..<8 { cell.words[word] = load(copy, number, word: word) }
        return cell
    }

    private func store(_ cell: Cell, _ copy: Int, _ number: Int) {
        for word in 0..<8 {
            unsafe base.storeBytes(of: cell.words[word], toByteOffset: offset(copy, number, word), as: UInt64.self)
        }
    }
}
