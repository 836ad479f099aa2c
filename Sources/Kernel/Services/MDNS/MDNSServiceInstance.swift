import Network

/// A service that others may find (DNS-SD, RFC 6763).
public struct MDNSServiceInstance: Sendable {
    /// What a person calls it: up to 63 bytes.
    public var name: String
    /// Its type, such as `_http._tcp`.
    public var type: String
    /// Its port.
    public var port: Port
    /// What else there is to say about it, `key=value` each.
    public var texts: [[UInt8]]

    /// A service.
    public init(_ name: String, type: String, port: Port, texts: [[UInt8]] = []) {
        (self.name, self.type, self.port, self.texts) = (name, type, port, texts)
    }

    /// `text` with `number` behind it, in the 63 bytes of a label: the text gives way, by whole characters.
    static func shortened(_ text: String, before number: String) -> String {
        var bytes = Array(text.utf8)
        let room = 63 - number.utf8.count
        if bytes.count > room {
            var end = room
            // What continues a character of UTF-8 does not begin the part that goes.
            while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
            bytes.removeLast(bytes.count - end)
        }
        return String(decoding: bytes, as: UTF8.self) + number
    }
}
