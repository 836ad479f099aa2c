import Boot

/// The text of the last crash, in memory that a warm reboot leaves alone.
///
/// Layout: a magic number, the length in bytes, a checksum of the text, the text. Whatever else lies there after power-on
/// is taken for no report.
@safe
struct RetainedReport: TextSink {
    private static let magic: UInt64 = 0x7375_7061_6873_6172  // "rashapus"
    private static let headerSize = 24

    private let base: UnsafeMutableRawPointer
    private let capacity: Int
    private var length = 0

    /// The report in `memory`, empty until `put`.
    init(memory: UnsafeMutableRawBufferPointer) {
        unsafe base = memory.baseAddress!
        capacity = memory.count - RetainedReport.headerSize
    }

    /// The board's retained memory.
    init() {
        let size = apus_retained_size()
        unsafe self.init(memory: UnsafeMutableRawBufferPointer(start: apus_retained_memory(), count: size))
    }

    /// Adds a byte; what does not fit is dropped.
    mutating func put(_ byte: UInt8) {
        guard length < capacity else { return }
        unsafe base.storeBytes(of: byte, toByteOffset: RetainedReport.headerSize + length, as: UInt8.self)
        length += 1
    }

    /// Makes the text valid and durable across a reset of the processor.
    func seal() {
        unsafe base.storeBytes(of: RetainedReport.magic, toByteOffset: 0, as: UInt64.self)
        unsafe base.storeBytes(of: UInt64(length), toByteOffset: 8, as: UInt64.self)
        unsafe base.storeBytes(of: checksum(length), toByteOffset: 16, as: UInt64.self)
        // The reset drops the caches: the text has to be in memory before it.
        unsafe apus_clean_cache(base, RetainedReport.headerSize + length)
    }

    /// The text of a sealed report, or nil. It lies in the retained memory until the next report.
    func text() -> UnsafeBufferPointer<UInt8>? {
        let stored = unsafe base.load(fromByteOffset: 8, as: UInt64.self)
        guard unsafe base.load(as: UInt64.self) == RetainedReport.magic, stored <= UInt64(capacity) else { return nil }
        guard unsafe base.load(fromByteOffset: 16, as: UInt64.self) == checksum(Int(stored)) else { return nil }
        return unsafe UnsafeBufferPointer(
            start: (base + RetainedReport.headerSize).assumingMemoryBound(to: UInt8.self), count: Int(stored))
    }

    /// The first `length` bytes of the text, sealed or not.
    func bytes(_ length: Int) -> [UInt8] {
        (0..<min(length, capacity)).map { offset in
            unsafe base.load(fromByteOffset: RetainedReport.headerSize + offset, as: UInt8.self)
        }
    }

    /// Forgets the report.
    func clear() {
        unsafe base.storeBytes(of: 0, toByteOffset: 0, as: UInt64.self)
        unsafe apus_clean_cache(base, 8)
    }

    /// FNV-1a over the text.
    private func checksum(_ length: Int) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for offset in 0..<length {
            let byte = unsafe base.load(fromByteOffset: RetainedReport.headerSize + offset, as: UInt8.self)
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        return hash
    }
}
