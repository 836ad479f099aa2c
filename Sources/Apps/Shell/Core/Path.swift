/// Paths on the card: names with slashes between them, from the root when they begin with one.
public enum Path {
    /// `path` seen from the directory `base` (absolute, as this function returns it): absolute, without ".", "..", double slashes and,
    /// except for the root, a slash at the end. ".." at the root stays there.
    public static func resolve(_ path: [UInt8], from base: [UInt8]) -> [UInt8] {
        var names: [ArraySlice<UInt8>] = []
        if path.first != ASCII.slash { append(base[...], to: &names) }
        append(path[...], to: &names)
        if names.isEmpty { return [ASCII.slash] }
        var result: [UInt8] = []
        for name in names {
            result.append(ASCII.slash)
            result += name
        }
        return result
    }

    private static func append(_ path: ArraySlice<UInt8>, to names: inout [ArraySlice<UInt8>]) {
        for name in path.split(separator: ASCII.slash) {
            if name.count == 1, name.first == 0x2e { continue }
            if name.count == 2, name.first == 0x2e, name.last == 0x2e {
                _ = names.popLast()
            } else {
                names.append(name)
            }
        }
    }

    /// What of `path` names a directory, slash included, and the unfinished name behind it.
    public static func parts(_ path: [UInt8]) -> (directory: [UInt8], name: [UInt8]) {
        guard let slash = path.lastIndex(of: ASCII.slash) else { return ([], path) }
        return (Array(path[...slash]), Array(path[(slash + 1)...]))
    }
}
