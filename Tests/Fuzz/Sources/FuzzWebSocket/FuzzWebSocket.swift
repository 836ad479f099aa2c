import HTTP
import Interfaces
import WebSocket

/// The bytes of a client, frame after frame; each is found whole or not at all, and text is judged as the standard library judges it.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    var rest = [UInt8](UnsafeBufferPointer(start: data, count: size))
    if let head = try? RequestHead(parsing: rest.span.bytes) {
        let accept = WebSocketHandshake.accept(head, in: rest.span.bytes)
        precondition(accept == nil || accept?.count == 28)
        return 0
    }
    while let (frame, length) = try? WebSocketFrame.parse(rest.span.bytes) {
        precondition(length <= rest.count && frame.mask != nil)
        for cut in 0..<length {
            let part = Array(rest[..<cut])
            // A beginning of a good head is no error, and no head.
            var isIncomplete = false
            do { isIncomplete = try WebSocketFrame.parse(part.span.bytes) == nil } catch {}
            precondition(isIncomplete)
        }
        let end = min(rest.count, length + Int(min(frame.length, 1 << 20)))
        var payload = Array(rest[length..<end])
        WebSocketFrame.unmask(&payload, from: 0, by: frame.mask!)
        precondition(payload.isUTF8 == (String(validating: payload, as: UTF8.self) != nil))
        rest = Array(rest[end...])
    }
    return 0
}
