/// What is wrong with a message.
@frozen
public enum HTTPSyntaxError: Error, Equatable, Sendable {
    /// It breaks the grammar, or contradicts itself about where it ends: the place.
    case malformed(Place)
    /// The target is longer than the limit.
    case targetTooLong
    /// The head is longer than the limit, or has too many fields.
    case headTooLarge
    /// The content is longer than the limit.
    case contentTooLarge
    /// Nobody here knows the method.
    case unknownMethod
    /// Nobody here knows the transfer coding.
    case unknownTransferCoding
    /// Another major version.
    case unknownVersion
    /// Something other than `100-continue` is expected.
    case unknownExpectation

    /// Where the grammar is broken.
    @frozen
    public enum Place: UInt8, Sendable {
        case requestLine, statusLine, target, fieldName, fieldValue, lineEnd, host, contentLength, transferEncoding
        case chunkSize, chunkEnd, trailer
    }

    /// What a server answers.
    public var status: HTTPStatus {
        switch self {
        case .malformed: .badRequest
        case .targetTooLong: .uriTooLong
        case .headTooLarge: .fieldsTooLarge
        case .contentTooLarge: .contentTooLarge
        case .unknownMethod, .unknownTransferCoding: .notImplemented
        case .unknownVersion: .versionNotSupported
        case .unknownExpectation: .expectationFailed
        }
    }

    /// What the answer says.
    public var explanation: StaticString {
        switch self {
        case .malformed(let place):
            switch place {
            case .requestLine: "the request line is malformed"
            case .statusLine: "the status line is malformed"
            case .target: "the target is malformed"
            case .fieldName: "the name of a field is malformed"
            case .fieldValue: "the value of a field holds a control character"
            case .lineEnd: "a line does not end with CR LF"
            case .host: "the Host field is missing, doubled or malformed"
            case .contentLength: "the Content-Length is malformed, doubled or beside a Transfer-Encoding"
            case .transferEncoding: "the Transfer-Encoding does not end with chunked"
            case .chunkSize: "the size of a chunk is malformed"
            case .chunkEnd: "a chunk does not end with CR LF"
            case .trailer: "the trailer is malformed or too long"
            }
        case .targetTooLong: "the target is too long"
        case .headTooLarge: "the head is too large"
        case .contentTooLarge: "the content is too large"
        case .unknownMethod: "the method is not known here"
        case .unknownTransferCoding: "the transfer coding is not known here"
        case .unknownVersion: "only HTTP/1.0 and HTTP/1.1 are spoken here"
        case .unknownExpectation: "the expectation cannot be met"
        }
    }
}
