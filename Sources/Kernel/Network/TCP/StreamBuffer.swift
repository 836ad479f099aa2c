/// The octets of one direction between the application and the wire, in a ring that is addressed by sequence number.
///
/// `count` octets from `start` on are in order; the receiver may also place octets ahead of them. The memory is allocated
/// when the first octet comes and can be given back while there is none, so that an idle connection holds no buffer; there is
/// little of it until it is full, for most connections carry little of what they may.
///
/// Invariants, on which each `unsafe` below rests: `storage` is nil or has exactly `size` initialised bytes, `size` is a power of two and
/// at most `capacity`, every octet that was placed lies less than `size` behind `start`, only this value refers to it, `deinit` frees it;
/// every access masks with `size`.
@safe
@usableFromInline
struct StreamBuffer: ~Copyable {
    @usableFromInline
    var storage: UnsafeMutableRawPointer?
    // Numbers of four bytes, for there is one of these for each direction of each connection.
    private var storageSize: UInt32 = 0
    private var largestSize: UInt32
    /// The sequence number of the first octet.
    private(set) var start = SequenceNumber(0)
    /// Octets in order from `start` on.
    private(set) var count = 0

    /// An empty buffer of at least `capacity` octets, rounded up to a power of two, at most 2^30.
    init(capacity: Int) {
        largestSize = UInt32(Self.rounded(capacity))
        unsafe storage = nil
    }

    @inlinable
    deinit { unsafe storage?.deallocate() }

    private static func rounded(_ capacity: Int) -> Int {
        var rounded = 16
        while rounded < min(capacity, 1 << 30) { rounded <<= 1 }
        return rounded
    }

    /// Bytes of `storage`.
    @inline(__always)
    private var size: Int { Int(storageSize) }
    /// Octets that fit.
    @inline(__always)
    var capacity: Int { Int(largestSize) }
    /// The octet after the last in order.
    @inline(__always)
    var end: SequenceNumber { start + count }
    /// Octets that can still be appended.
    @inline(__always)
    var space: Int { capacity - count }
    /// Bytes of memory that are held now or were promised: the other end may fill them at any time.
    @inline(__always)
    var footprint: Int { unsafe storage == nil ? 0 : capacity }

    /// Bytes of the smallest memory.
    private static let smallest = 2048

    /// Says which sequence number the next octet has. Only while the buffer is empty.
    mutating func begin(at number: SequenceNumber) {
        precondition(count == 0, "StreamBuffer: begun while it holds data")
        start = number
    }

    /// Allocates the memory where there is none, smaller where `budget` does not allow all of it.
    mutating func prepare(_ budget: borrowing BufferBudget) {
        guard unsafe storage == nil else { return }
        while capacity > BufferBudget.minimumBuffer, !budget.allows(capacity) { largestSize >>= 1 }
        _ = unsafe memory(for: 0)
    }

    /// Whether there is memory.
    @inline(__always)
    var isAllocated: Bool { unsafe storage != nil }

    /// Makes room for `capacity` octets. Never shrinks.
    mutating func grow(to capacity: Int) {
        largestSize = max(largestSize, UInt32(Self.rounded(capacity)))
    }

    /// Gives the memory back. Only while nothing lies in the ring, ahead of `end` neither.
    mutating func release() {
        precondition(count == 0, "StreamBuffer: released while it holds data")
        unsafe storage?.deallocate()
        unsafe storage = nil
        storageSize = 0
    }

    /// The memory, with room for `octets` from `start` on: at most `capacity`.
    private mutating func memory(for octets: Int) -> UnsafeMutableRawPointer {
        if let storage = unsafe storage, octets <= size { return unsafe storage }
        return unsafe enlarge(for: octets)
    }

    @inline(never)
    private mutating func enlarge(for octets: Int) -> UnsafeMutableRawPointer {
        // A little, or all: what carries more than a little will need it soon.
        let larger = octets <= Self.smallest ? min(capacity, Self.smallest) : capacity
        let new = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 64)
        unsafe new.initializeMemory(as: UInt8.self, repeating: 0, count: larger)
        if let old = unsafe storage {
            // Two pieces: up to the old ring's end, and from its beginning. Neither wraps in the new one, whose size is a multiple of the
            // old.
            let position = Int(start.value) & (size - 1)
            let first = size - position
            unsafe (new + Int(start.value) & (larger - 1)).copyMemory(from: old + position, byteCount: first)
            unsafe (new + Int((start + first).value) & (larger - 1)).copyMemory(from: old, byteCount: position)
            unsafe old.deallocate()
        }
        unsafe storage = new
        storageSize = UInt32(larger)
        return unsafe new
    }

    /// Appends as much of `bytes` as fits and says how much that was.
    mutating func append(_ bytes: RawSpan) -> Int {
        let taken = min(bytes.byteCount, space)
        if taken > 0 {
            place(bytes.extracting(0..<taken), at: end)
            count += taken
        }
        return taken
    }

    /// Puts `bytes`, for which there must be space, in front of the octet `number`; what follows moves up.
    mutating func insert(_ bytes: RawSpan, at number: SequenceNumber) {
        let (offset, length) = (number - start, bytes.byteCount)
        precondition(offset >= 0 && offset <= count && length <= space, "StreamBuffer: inserted outside the ring")
        guard length > 0 else { return }
        let ring = unsafe memory(for: count + length)
        var index = count
        while index > offset {
            index -= 1
            let from = Int((start + index).value) & (size - 1)
            let to = Int((start + (index + length)).value) & (size - 1)
            unsafe ring.storeBytes(
                of: ring.load(fromByteOffset: from, as: UInt8.self), toByteOffset: to, as: UInt8.self)
        }
        count += length
        place(bytes, at: number)
    }

    /// Copies `bytes` to where they belong. They must lie within `capacity` of `start`.
    mutating func place(_ bytes: RawSpan, at number: SequenceNumber) {
        let offset = number - start
        let length = bytes.byteCount
        precondition(offset >= 0 && offset + length <= capacity, "StreamBuffer: octets outside the ring")
        guard length > 0 else { return }
        let ring = unsafe memory(for: offset + length)
        let position = Int(number.value) & (size - 1)
        let first = min(length, size - position)
        unsafe bytes.withUnsafeBytes { source in
            guard let base = source.baseAddress else { return }
            unsafe (ring + position).copyMemory(from: base, byteCount: first)
            if first < length { unsafe ring.copyMemory(from: base + first, byteCount: length - first) }
        }
    }

    /// Counts what was placed up to `number` as in order.
    mutating func extend(to number: SequenceNumber) {
        precondition(number - start >= count && number - start <= capacity, "StreamBuffer: extended outside the ring")
        count = number - start
    }

    /// Forgets the first `octets`.
    mutating func drop(_ octets: Int) {
        precondition(octets >= 0 && octets <= count, "StreamBuffer: dropped more than it holds")
        start = start + octets
        count -= octets
    }

    /// Copies `length` octets from `number` on to the front of `destination`.
    func copy(from number: SequenceNumber, length: Int, into destination: inout MutableRawSpan) {
        guard length > 0 else { return }
        let offset = number - start
        precondition(offset >= 0 && offset + length <= count, "StreamBuffer: copied what is not there")
        precondition(destination.byteCount >= length, "StreamBuffer: destination too short")
        guard let ring = unsafe storage else { return }
        let position = Int(number.value) & (size - 1)
        let first = min(length, size - position)
        unsafe destination.withUnsafeMutableBytes { target in
            guard let base = target.baseAddress else { return }
            unsafe base.copyMemory(from: ring + position, byteCount: first)
            if first < length { unsafe (base + first).copyMemory(from: ring, byteCount: length - first) }
        }
    }

    /// Lends the octets from `start` on that lie in one piece, without copying, for the time of the call.
    @inline(__always)
    func withFirstPiece<R>(_ body: (RawSpan) -> R) -> R {
        let position = Int(start.value) & (size - 1)
        let length = min(count, size - position)
        guard length > 0, let ring = unsafe storage else { return body(RawSpan()) }
        return body(unsafe RawSpan(_unsafeStart: UnsafeRawPointer(ring + position), byteCount: length))
    }
}
