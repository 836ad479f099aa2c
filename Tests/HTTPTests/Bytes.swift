@testable import HTTP

/// Calls `body` with the bytes of `text`.
func withBytes<Result, E: Error>(_ text: String, _ body: (RawSpan) throws(E) -> Result) throws(E) -> Result {
    let bytes = Array(text.utf8)
    return try body(bytes.span.bytes)
}

/// The head of the request `text`.
func request(_ text: String) throws -> RequestHead {
    try withBytes(text) { (bytes) throws(HTTPSyntaxError) in try RequestHead(parsing: bytes) }
}

/// What is wrong with the request `text`; nil for nothing.
func complaint(_ text: String) -> HTTPSyntaxError? {
    do {
        _ = try request(text)
        return nil
    } catch { return error as? HTTPSyntaxError }
}

extension String {
    /// The part of it in `range`, counted in bytes.
    func part(_ range: Range<Int>?) -> String? {
        range.map { String(decoding: Array(utf8)[$0], as: UTF8.self) }
    }
}
