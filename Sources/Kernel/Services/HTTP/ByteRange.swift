import Network

/// The part of a representation that a Range field asks for (RFC 9110, section 14).
@frozen
public enum ByteRange: Equatable, Sendable {
    /// All of it: no field, one that is malformed or of another unit, or several ranges, which are a lot of work for little use.
    case whole
    /// The bytes from `first` up to `last`, both included.
    case part(first: UInt64, last: UInt64)
    /// None of the representation.
    case unsatisfiable

    /// Reads the value in `range` for a representation of `size` bytes.
    public init(_ bytes: RawSpan, _ range: Range<Int>, of size: UInt64) {
        self = .whole
        guard range.count > 6, bytes.equalsIgnoringCase(range.lowerBound..<range.lowerBound + 6, "bytes=") else {
            return
        }
        let value = bytes.trimmed(range.lowerBound + 6..<range.upperBound)
        var dash = value.lowerBound
        while dash < value.upperBound, bytes.byte(dash) != 0x2D { dash += 1 }
        guard dash < value.upperBound else { return }
        let (from, to) = (value.lowerBound..<dash, dash + 1..<value.upperBound)
        if from.isEmpty {
            guard let count = bytes.decimal(to) else { return }
            self = count == 0 || size == 0 ? .unsatisfiable : .part(first: size - min(count, size), last: size - 1)
            return
        }
        guard let first = bytes.decimal(from) else { return }
        var last = UInt64.max
        if !to.isEmpty {
            guard let number = bytes.decimal(to), number >= first else { return }
            last = number
        }
        self = first < size ? .part(first: first, last: min(last, size - 1)) : .unsatisfiable
    }
}
