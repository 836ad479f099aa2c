import Interfaces
import Network

/// The fields that a client gives a request, as lines.
public enum RequestFields {
    /// The lines of `fields` that say nothing which was meant for one server: what a client can read, and who it is. Everything else may
    /// be a credential, `Authorization` and `Cookie` or one of a server's own making, and another origin learns nothing of it (RFC 9110,
    /// section 15.4).
    public static func withoutOrigin(_ fields: [UInt8]) -> [UInt8] {
        var kept: [UInt8] = []
        var start = 0
        while start < fields.count {
            let end = fields[start...].firstIndex(of: 0x0A).map { $0 + 1 } ?? fields.count
            let nameEnd = fields[start..<end].firstIndex(of: 0x3A) ?? end
            if isForAnybody(unsafe fields.span.bytes, start..<nameEnd) { kept += fields[start..<end] }
            start = end
        }
        return kept
    }

    private static func isForAnybody(_ bytes: RawSpan, _ name: Range<Int>) -> Bool {
        switch name.count {
        case 5: bytes.equalsIgnoringCase(name, "range")
        case 6: bytes.equalsIgnoringCase(name, "accept") || bytes.equalsIgnoringCase(name, "pragma")
        case 10: bytes.equalsIgnoringCase(name, "user-agent")
        case 13: bytes.equalsIgnoringCase(name, "cache-control")
        case 14: bytes.equalsIgnoringCase(name, "accept-charset")
        case 15: bytes.equalsIgnoringCase(name, "accept-encoding") || bytes.equalsIgnoringCase(name, "accept-language")
        default: false
        }
    }
}
