/// SHA-256 by coreutils' `sha256sum`.
enum SHA256 {
    /// The digest of `bytes` in hexadecimal.
    static func hexadecimal(_ bytes: [UInt8]) throws -> String {
        try Files.withTemporaryDirectory { directory in
            let file = directory + "/bytes"
            try Files.write(bytes, to: file)
            return String(try Command("sha256sum", [file]).check().prefix(64))
        }
    }
}
