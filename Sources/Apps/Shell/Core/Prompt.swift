/// What stands before the line that is typed.
public enum Prompt {
    /// Bytes of the directory that are shown: its end.
    private static let limit = 40

    /// The prompt in `directory`, an absolute path.
    public static func bytes(directory: [UInt8]) -> [UInt8] {
        var prompt = Array("apus".utf8)
        if directory.count > 1 {
            let place = VisibleText.name(directory).suffix(limit)
            // From the start of a character on.
            prompt += [ASCII.space] + place.drop { $0 & 0xc0 == 0x80 }
        }
        return prompt + Array("> ".utf8)
    }
}
