/// What is still missing of a datagram: a short list of holes (RFC 815), kept in place.
struct FragmentHoles {
    enum Outcome { case accepted, complete, duplicate, overlap, tooMany }

    private struct Hole {
        var first = 0
        var end = 0
    }

    /// Each fragment makes one hole more at most. A sender that fills from one end needs one; reordering needs some.
    static let capacity = 16
    private static let unknownEnd = 65536
    private var holes = [16 of Hole](repeating: Hole())
    private var count = 1
    /// The payload's length, once the last fragment came.
    private(set) var length: Int?

    init() { holes[0] = Hole(first: 0, end: Self.unknownEnd) }

    /// Fills `range`. A fragment that lies where one was, but is not in its entirety a repetition, is an overlap: nobody honest sends
    /// it, and which bytes count would be a guess (RFC 5722 section 4; RFC 1858).
    mutating func fill(_ range: Range<Int>, isLast: Bool) -> Outcome {
        if let length, isLast ? range.upperBound != length : range.upperBound > length { return .overlap }
        for index in 0..<count {
            let hole = holes[index]
            guard range.lowerBound < hole.end, hole.first < range.upperBound else { continue }
            guard range.lowerBound >= hole.first, range.upperBound <= hole.end else { return .overlap }
            // Something is known to follow the end that this fragment claims.
            if isLast, hole.end != Self.unknownEnd { return .overlap }
            return split(index, range, isLast)
        }
        // Nothing of it was missing. The end must have been known already.
        return isLast && length == nil ? .overlap : .duplicate
    }

    private mutating func split(_ index: Int, _ range: Range<Int>, _ isLast: Bool) -> Outcome {
        let hole = holes[index]
        let hasFront = range.lowerBound > hole.first
        let hasBack = !isLast && range.upperBound < hole.end
        guard count - 1 + (hasFront ? 1 : 0) + (hasBack ? 1 : 0) <= Self.capacity else { return .tooMany }
        if isLast { length = range.upperBound }
        count -= 1
        holes[index] = holes[count]
        if hasFront {
            holes[count] = Hole(first: hole.first, end: range.lowerBound)
            count += 1
        }
        if hasBack {
            holes[count] = Hole(first: range.upperBound, end: hole.end)
            count += 1
        }
        return count == 0 ? .complete : .accepted
    }
}
