/// What a request asks to be done (RFC 9110, section 9; PATCH: RFC 5789).
@frozen
public enum HTTPMethod: UInt8, Sendable {
    case get, head, post, put, delete, options, patch

    /// The method whose name is `range` of `bytes`; nil for one that is not known. Names are case-sensitive.
    init?(_ bytes: RawSpan, _ range: Range<Int>) {
        var known = HTTPMethod(rawValue: 0)
        while let method = known {
            if bytes.equals(range, method.name) {
                self = method
                return
            }
            known = HTTPMethod(rawValue: method.rawValue + 1)
        }
        return nil
    }

    /// Its name in a request.
    public var name: StaticString {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .patch: "PATCH"
        }
    }
}
