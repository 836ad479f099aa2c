/// The latest log text: a ring of bytes, in which the oldest give way.
struct LogRing {
    private var bytes: [UInt8]
    private var next = 0
    private var isFull = false

    /// A ring of `capacity` bytes.
    init(capacity: Int) { bytes = Array(repeating: 0, count: capacity) }

    /// Adds a byte.
    mutating func put(_ byte: UInt8) {
        bytes[next] = byte
        next += 1
        if next == bytes.count {
            next = 0
            isFull = true
        }
    }

    /// Calls `body` with each byte from the oldest whole line on.
    func forEach(_ body: (UInt8) -> Void) {
        var isWhole = !isFull
        for offset in 0..<(isFull ? bytes.count : next) {
            let byte = bytes[isFull ? (next + offset) % bytes.count : offset]
            if isWhole { body(byte) }
            if byte == 0x0a { isWhole = true }
        }
    }
}
