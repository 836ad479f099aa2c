/// A text of JSON on the control connection: its length in four bytes, the most significant first, and the text.
public enum IperfMessage {
    /// Bytes in front of the text.
    public static let prefixLength = 4
    /// The longest text that is read.
    public static let maximumLength = 64 << 10

    /// The message of `json`.
    public static func bytes(_ json: JSON) -> [UInt8] {
        let text = json.text
        let length = UInt32(text.count)
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) } + text
    }

    /// How long the text behind `prefix` is; nil when longer than is read here.
    public static func length(_ prefix: [UInt8]) -> Int? {
        guard prefix.count == prefixLength else { return nil }
        let length = prefix.reduce(0) { $0 << 8 | Int($1) }
        return length <= maximumLength ? length : nil
    }
}
