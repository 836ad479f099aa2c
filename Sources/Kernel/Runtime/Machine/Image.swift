import Boot

/// The running program's image: what it is, and where its parts lie.
public enum Image {
    /// The lines of the header note: application, version, commit, build id, devices. Empty in an image that no `apus build` made.
    public static var note: Text {
        let text = unsafe UnsafeBufferPointer(start: apus_note_text(), count: Int(apus_note_size()))
        let length = unsafe text.firstIndex(of: 0) ?? text.count
        return unsafe Text(Array(text[..<length]))
    }

    /// Addresses of the instructions: readable and executable.
    public static var code: Range<UInt64> { range(apus_image_limits().text, apus_image_limits().rodata) }
    /// Addresses of the constants: readable.
    public static var constants: Range<UInt64> { range(apus_image_limits().rodata, apus_image_limits().data) }
    /// Addresses of the variables: readable and writable.
    public static var variables: Range<UInt64> { range(apus_image_limits().data, apus_image_limits().data_limit) }
    /// Everything static: the image, page tables, the main stack and those of exceptions.
    public static var all: Range<UInt64> { range(apus_image_limits().text, apus_image_limits().limit) }

    private static func range(_ start: UInt64, _ end: UInt64) -> Range<UInt64> { start..<max(start, end) }
}
