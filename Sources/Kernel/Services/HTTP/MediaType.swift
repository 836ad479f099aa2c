import Network

/// What a file holds (RFC 9110, section 8.3.1), by the end of its name.
public enum MediaType {
    /// The type of the file `name`.
    public static func ofFile(_ name: RawSpan) -> StaticString {
        var dot = name.byteCount
        while dot > 0, name.byte(dot - 1) != 0x2E, name.byte(dot - 1) != 0x2F { dot -= 1 }
        guard dot > 0, name.byte(dot - 1) == 0x2E else { return "application/octet-stream" }
        let end = dot..<name.byteCount
        switch end.count {
        case 2: return name.equalsIgnoringCase(end, "js") ? "text/javascript; charset=utf-8" : unknown
        case 3: return ofThree(name, end)
        case 4:
            if name.equalsIgnoringCase(end, "html") { return "text/html; charset=utf-8" }
            if name.equalsIgnoringCase(end, "json") { return "application/json" }
            if name.equalsIgnoringCase(end, "jpeg") { return "image/jpeg" }
            if name.equalsIgnoringCase(end, "webp") { return "image/webp" }
            if name.equalsIgnoringCase(end, "wasm") { return "application/wasm" }
        case 5: if name.equalsIgnoringCase(end, "woff2") { return "font/woff2" }
        default: break
        }
        return unknown
    }

    private static var unknown: StaticString { "application/octet-stream" }

    private static func ofThree(_ name: RawSpan, _ end: Range<Int>) -> StaticString {
        if name.equalsIgnoringCase(end, "htm") { return "text/html; charset=utf-8" }
        if name.equalsIgnoringCase(end, "txt") { return "text/plain; charset=utf-8" }
        if name.equalsIgnoringCase(end, "css") { return "text/css; charset=utf-8" }
        if name.equalsIgnoringCase(end, "mjs") { return "text/javascript; charset=utf-8" }
        if name.equalsIgnoringCase(end, "csv") { return "text/csv; charset=utf-8" }
        if name.equalsIgnoringCase(end, "xml") { return "application/xml" }
        if name.equalsIgnoringCase(end, "pdf") { return "application/pdf" }
        if name.equalsIgnoringCase(end, "png") { return "image/png" }
        if name.equalsIgnoringCase(end, "jpg") { return "image/jpeg" }
        if name.equalsIgnoringCase(end, "gif") { return "image/gif" }
        if name.equalsIgnoringCase(end, "svg") { return "image/svg+xml" }
        if name.equalsIgnoringCase(end, "ico") { return "image/x-icon" }
        if name.equalsIgnoringCase(end, "mp4") { return "video/mp4" }
        return unknown
    }
}
