import Network

/// What a representation is known by (RFC 9110, section 8.8).
public struct Validators: Sendable {
    /// What stands between the quotation marks of its strong entity tag; empty for none.
    public var entityTag: [UInt8]
    /// When it last changed, in seconds since 1970; nil where nobody knows.
    public var lastModified: UInt64?

    /// Validators, either of which may be missing.
    public init(entityTag: [UInt8] = [], lastModified: UInt64? = nil) {
        self.entityTag = entityTag
        self.lastModified = lastModified
    }

    /// How to answer a request that has conditions.
    public enum Outcome: Equatable, Sendable {
        /// As if it had none. `usesRange` says whether a Range field counts.
        case proceed(usesRange: Bool)
        /// With 304.
        case notModified
        /// With 412.
        case preconditionFailed
    }

    /// Goes through the conditions of `head` in their order (RFC 9110, section 13.2.2).
    public func evaluate(_ head: RequestHead, in bytes: RawSpan) -> Outcome {
        let isReading = head.method == .get || head.method == .head
        if let value = head.fields.value(of: "if-match", in: bytes) {
            guard matches(bytes, value, isWeak: false) else { return .preconditionFailed }
        } else if let value = head.fields.value(of: "if-unmodified-since", in: bytes),
            let date = HTTPDate.parse(bytes, value), let lastModified, lastModified > date
        {
            return .preconditionFailed
        }
        if let value = head.fields.value(of: "if-none-match", in: bytes) {
            if matches(bytes, value, isWeak: true) { return isReading ? .notModified : .preconditionFailed }
        } else if isReading, let value = head.fields.value(of: "if-modified-since", in: bytes),
            let date = HTTPDate.parse(bytes, value), let lastModified, lastModified <= date
        {
            return .notModified
        }
        guard head.method == .get else { return .proceed(usesRange: false) }
        guard let value = head.fields.value(of: "if-range", in: bytes) else { return .proceed(usesRange: true) }
        if !value.isEmpty, bytes.byte(value.lowerBound) == 0x22 {
            return .proceed(usesRange: matches(bytes, value, isWeak: false))
        }
        let date = HTTPDate.parse(bytes, value)
        return .proceed(usesRange: date != nil && date == lastModified)
    }

    /// Whether the list of entity tags in `range` names this representation, or is `*`.
    private func matches(_ bytes: RawSpan, _ range: Range<Int>, isWeak: Bool) -> Bool {
        if bytes.equals(range, "*") { return true }
        guard !entityTag.isEmpty else { return false }
        var isMatch = false
        bytes.forEachElement(of: range) { element in
            var tag = element
            if tag.count > 2, bytes.equals(tag.lowerBound..<tag.lowerBound + 2, "W/") {
                // A weak tag never compares equal in the strong way.
                if !isWeak { return true }
                tag = tag.lowerBound + 2..<tag.upperBound
            }
            isMatch = isOwn(bytes, tag)
            return !isMatch
        }
        return isMatch
    }

    private func isOwn(_ bytes: RawSpan, _ tag: Range<Int>) -> Bool {
        guard tag.count == entityTag.count + 2, bytes.byte(tag.lowerBound) == 0x22,
            bytes.byte(tag.upperBound - 1) == 0x22
        else { return false }
        for index in 0..<entityTag.count where bytes.byte(tag.lowerBound + 1 + index) != entityTag[index] {
            return false
        }
        return true
    }
}
