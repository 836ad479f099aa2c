import ApusKit
import Foundation

/// The repository and the toolchain, as most commands need them.
struct Workspace {
    let repository: Repository
    let toolchain: Toolchain

    init() throws {
        repository = try Repository.find()
        toolchain = try Toolchain()
    }

    func builder(checksHeap: Bool = false) -> Builder {
        Builder(repository: repository, toolchain: toolchain, checksHeap: checksHeap) { Screen.note($0) }
    }

    var installer: Installer {
        Installer(repository: repository)
    }

    var cardMaker: CardImage {
        CardImage(firmware: Firmware(repository: repository))
    }

    /// A path as short as it can be said from here.
    static func shortened(_ path: String) -> String {
        let here = FileManager.default.currentDirectoryPath + "/"
        return path.hasPrefix(here) ? String(path.dropFirst(here.count)) : path
    }
}
