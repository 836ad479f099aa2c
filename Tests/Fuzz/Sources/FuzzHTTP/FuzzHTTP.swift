import HTTP
import Interfaces

/// The first byte chooses what the rest is: a request, a response, chunks, or the value of a field or a part of a target.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let input = [UInt8](UnsafeBufferPointer(start: data, count: size))
    guard let choice = input.first else { return 0 }
    let bytes = Array(input.dropFirst())
    switch choice & 7 {
    case 0...2: readRequest(bytes)
    case 3: readResponse(bytes)
    case 4, 5: readChunks(bytes, Int(choice >> 3))
    case 6: readValues(bytes)
    default: readTarget(bytes)
    }
    return 0
}

/// What is accepted ends where the server has looked for its end, means the same whatever follows, and names only its own bytes.
private func readRequest(_ bytes: [UInt8]) {
    let end = RequestHead.length(in: bytes.span.bytes)
    if let end {
        precondition(end <= bytes.count)
        for from in [1, end / 2, end - 1] { precondition(RequestHead.length(in: bytes.span.bytes, from: from) == end) }
    }
    guard let head = try? RequestHead(parsing: bytes.span.bytes) else { return }
    precondition(head.length == end)
    let own = Array(bytes[..<head.length])
    let again = try? RequestHead(parsing: own.span.bytes)
    precondition(again?.length == head.length && again?.content == head.content && again?.path == head.path)
    for range in [head.path, head.query, head.host ?? 0..<0] { precondition(range.upperBound <= head.length) }
    if case .chunked = head.content { precondition(head.minorVersion > 0) }
    for value in [
        head.fields.value(of: "content-length", in: own.span.bytes), head.fields.value(of: "host", in: own.span.bytes),
        head.fields.value(of: "range", in: own.span.bytes),
    ] {
        guard let value else { continue }
        precondition(value.upperBound < head.length)
        for index in value { precondition(own[index] != 0x0D && own[index] != 0x0A && own[index] != 0) }
    }
    _ = head.fields.has("upgrade", in: "connection", of: own.span.bytes)
    _ = Validators(entityTag: [0x61], lastModified: 1_000_000_000).evaluate(head, in: own.span.bytes)
    var path: [UInt8] = []
    _ = TargetPath.decode(own.span.bytes, head.path, into: &path)
}

private func readResponse(_ bytes: [UInt8]) {
    guard let head = try? ResponseHead(parsing: bytes.span.bytes, to: .get) else { return }
    precondition(head.length <= bytes.count && head.code >= 100 && head.code <= 999)
    let own = Array(bytes[..<head.length])
    let again = try? ResponseHead(parsing: own.span.bytes, to: .get)
    precondition(again?.content == head.content && again?.code == head.code)
}

/// Chunks are the same content in one piece and in many.
private func readChunks(_ bytes: [UInt8], _ seed: Int) {
    let whole = decode(bytes) { _ in bytes.count }
    let parts = decode(bytes) { index in 1 + (index * (seed + 1)) % 7 }
    precondition(whole.content == parts.content && whole.isAtEnd == parts.isAtEnd && whole.failure == parts.failure)
    if whole.isAtEnd { precondition(whole.used == parts.used) }
}

private func decode(
    _ bytes: [UInt8], _ size: (Int) -> Int
) -> (content: [UInt8], used: Int, isAtEnd: Bool, failure: HTTPSyntaxError?) {
    var decoder = ChunkedDecoder()
    var content: [UInt8] = []
    var index = 0
    while index < bytes.count, !decoder.isAtEnd {
        let piece = Array(bytes[index..<min(bytes.count, index + size(index))])
        do {
            let (used, range) = try decoder.next(piece.span.bytes, limit: 1 << 20)
            precondition(used > 0 && used <= piece.count && range.upperBound <= used)
            content += piece[range]
            index += used
        } catch { return (content, index, false, error) }
    }
    return (content, index, decoder.isAtEnd, nil)
}

private func readValues(_ bytes: [UInt8]) {
    let all = 0..<bytes.count
    if let seconds = HTTPDate.parse(bytes.span.bytes, all) {
        var text: [UInt8] = []
        HTTPDate.append(CivilTime(secondsSince1970: seconds), to: &text)
        precondition(HTTPDate.parse(text.span.bytes, 0..<text.count) == seconds)
    }
    for size in [0, 1, 100, UInt64.max] {
        if case .part(let first, let last) = ByteRange(bytes.span.bytes, all, of: size) {
            precondition(first <= last && last < size)
        }
    }
    _ = MediaType.ofFile(bytes.span.bytes)
}

/// A path that is accepted leads nowhere up.
private func readTarget(_ bytes: [UInt8]) {
    var path: [UInt8] = []
    if TargetPath.decode(bytes.span.bytes, 0..<bytes.count, into: &path) {
        precondition(path.count <= bytes.count && !path.contains(0) && !path.contains(0x5C))
        for segment in path.split(separator: 0x2F) { precondition(segment != [0x2E, 0x2E]) }
    }
    if let value = QueryParameters.value(of: "a", in: bytes.span.bytes, 0..<bytes.count) {
        precondition(value.count < bytes.count)
    }
}
