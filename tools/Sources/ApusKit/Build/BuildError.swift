/// Why an application was not built.
package enum BuildError: UserError, Equatable {
    case noPackage(String)
    case nameNeeded([String])
    case noApplication(String, known: [String])
    case compiler(application: String)
    case noNote(String)
    case twoArrays(symbol: String, files: [String])

    package var description: String {
        switch self {
        case .noPackage(let path):
            return "\(path) holds no Package.swift; give --package the directory of a Swift package"
        case .nameNeeded(let names):
            return names.isEmpty
                ? "the package has no executable product; add one that depends on Apus"
                : "say which application: \(names.joined(separator: ", "))"
        case .noApplication(let name, let known):
            return known.isEmpty
                ? "there is no application \(name); the package has no executable product"
                : "there is no application \(name); there are \(known.joined(separator: ", "))"
        case .compiler(let application):
            return "\(application) does not build; the messages above say why"
        case .twoArrays(let symbol, let files):
            return
                "the compiler has made different arrays of one name, \(symbol), in \(files.joined(separator: " and ")): "
                + "keep two array literals of one type out of that function (swiftc 6.3.1)"
        case .noNote(let path):
            return
                "\(path) has no empty room for the header note at byte \(HeaderNote.offset); link with linker/kernel8.ld"
        }
    }
}
