/// The latest log text: a ring of bytes, in which the oldest give way.
struct LogRing {
    private var bytes: [UInt8]
    private var next = 0
    private var isFull = false
    /// Bytes that were ever put: the position of the next one.
    private(set) var position: UInt64 = 0

    /// A ring of `capacity` bytes.
    init(capacity: Int) { bytes = Array(repeating: 0, count: capacity) }

    /// Adds a byte.
    mutating func put(_ byte: UInt8) {
        bytes[next] = byte
        position += 1
        next += 1
        if next == bytes.count {
            next = 0
            isFull = true
        }
    }

    /// Calls `body` with each byte from the oldest whole line on, or from `start` if that is later.
    func forEach(from start: UInt64 = 0, _ body: (UInt8) -> Void) {
        let held = isFull ? bytes.count : next
        let oldest = position - UInt64(held)
        var isWhole = !isFull || start > oldest
        for offset in Int(min(start > oldest ? start - oldest : 0, UInt64(held)))..<held {
            let byte = bytes[isFull ? (next + offset) % bytes.count : offset]
            if isWhole { body(byte) }
            if byte == 0x0a { isWhole = true }
        }
    }
}
