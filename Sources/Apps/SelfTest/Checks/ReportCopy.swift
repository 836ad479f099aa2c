import Interfaces
import RaspberryPi4
import Runtime
import Storage

/// The lines of a report, kept so that they can be saved on the card.
public final class ReportCopy {
    /// The lines so far, each with a newline.
    public private(set) var bytes: [UInt8] = []

    /// A copy of nothing yet.
    public init() {}

    /// Keeps one more line.
    public func add(_ line: Text) {
        bytes.append(contentsOf: line.bytes)
        bytes.append(0x0a)
    }

    /// Makes the report the content of the file at `path`, in place of what it had; whatever fails in between, the file is what it was.
    public func save(on volume: FATVolume, _ path: String) throws(FileError) {
        let replacement = try volume.replace(path)
        try replacement.file.write(bytes)
        try replacement.finish()
    }

    /// As `save`, on the first FAT volume of `card`, which nobody else uses.
    public func save(on card: CardUnderTest, _ path: String) throws(SaveError) {
        switch card {
        case .missing(let error): throw .card(error)
        case .inserted(_, let device):
            do throws(FileError) {
                let volume = try FATVolume(firstOn: device)
                try save(on: volume, path)
                try volume.unmount()
            } catch { throw .file(error) }
        }
    }
}
