/// What `fsck.fat -n` says, and what of it is more than the promise allows.
enum FsckReport {
    /// Beginnings of lines that say nothing is worse than it may be.
    private static let allowed = [
        "==", "fsck.fat ", "There are differences between boot sector and its backup", "Leaving filesystem unchanged",
        "Dirty bit is set.", " Automatically removing dirty bit", "Reclaimed ", "Free cluster summary wrong",
        "Free cluster summary uninitialized", "  Auto-correcting", "  Auto-setting",
        "FATs differ but appear to be intact", "  Using first FAT", "FATs differ", " File size is ",
        // A label that was lost with its block is no damage that is left.
        "Label in boot sector is ", "  Auto-removing label",
        "   File size is ", "  Truncating file to", "  File size is ", "WARNING: Number of clusters",
        "Warning: Filesystem is FAT32 according to fat_length", "  but has only", "  This may lead to problems",
    ]

    /// Lines of `report`, which may hold several reports, that are not allowed: with the line before, which names the file.
    static func complaints(_ report: String) -> [String] {
        var found: [String] = []
        var image = ""
        var before = ""
        for line in report.split(separator: "\n", omittingEmptySubsequences: true).map(String.init) {
            if line.hasPrefix("== ") { image = line }
            defer { before = line }
            if line.hasPrefix("/") {
                // A name introduces what is said about it.
                continue
            }
            // Too many clusters for the size are lost ones; too few are not.
            let isShort = line.contains("cluster chain length is") && !line.contains("chain length is > ")
            if isShort || !(allowed.contains { line.hasPrefix($0) } || isSummary(line)) {
                found.append("\(image): \(before): \(line)")
            }
        }
        return Array(found.prefix(10))
    }

    /// "image: 12 files, 34/567 clusters"
    private static func isSummary(_ line: String) -> Bool { line.hasSuffix(" clusters") && line.contains(" files, ") }
}
