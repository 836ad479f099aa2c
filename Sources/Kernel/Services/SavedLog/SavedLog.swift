import Interfaces
import Storage

/// The log and the last crash report of earlier runs, in files that any computer reads: `log/apus.log`, the older `log/apus.1.log` and
/// up, and `log/crash.txt`.
///
/// Bounded: a file that is full is renamed, and the oldest gives way. What was appended is durable when the call returns. One task at a
/// time uses it.
public final class SavedLog {
    private let volume: FATVolume
    private let files: Int
    private let fileSize: UInt64
    private var current: File?

    private static let crashReport = "log/crash.txt"

    /// The log on `volume`, in `files` files of `fileSize` bytes at most. Goes on where the last run ended. Nil when the volume has no
    /// directory `log`: nobody wants one there.
    public init?(_ volume: FATVolume, files: Int = 4, fileSize: UInt64 = 128 << 10) throws(FileError) {
        self.volume = volume
        self.files = max(1, files)
        self.fileSize = max(1, fileSize)
        do throws(FileError) {
            guard try volume.entry(at: "log").isDirectory else { return nil }
        } catch {
            if case .notFound = error { return nil }
            throw error
        }
    }

    private func name(_ index: Int) -> String { index == 0 ? "log/apus.log" : "log/apus.\(index).log" }

    /// Keeps `text`, durably. It goes into one file; where that has no room, into the next.
    public func append(_ text: [UInt8]) throws(FileError) {
        guard !text.isEmpty else { return }
        var file = try openCurrent()
        if file.size > 0, file.size + UInt64(text.count) > fileSize {
            current = nil
            try file.close()
            try rotate()
            file = try openCurrent()
        }
        try file.write(text)
        try file.flush()
    }

    private func openCurrent() throws(FileError) -> File {
        if let current { return current }
        let file = try volume.open(name(0), [.create, .append])
        current = file
        return file
    }

    /// Gives each file the next number, in place of the one that has it.
    private func rotate() throws(FileError) {
        guard files > 1 else { return try volume.remove(name(0)) }
        for index in stride(from: files - 2, through: 0, by: -1) {
            do throws(FileError) { try volume.rename(name(index), to: name(index + 1)) } catch {
                guard case .notFound = error else { throw error }
            }
        }
    }

    /// Calls `body` with what is kept, the oldest first, in pieces of 4 KiB at most.
    public func forEachPiece(_ body: ([UInt8]) -> Void) throws(FileError) {
        for index in stride(from: files - 1, through: 0, by: -1) { _ = try read(name(index), body) }
    }

    /// Calls `body` with the report of the last crash that was kept. False when there is none.
    public func forEachPieceOfCrashReport(_ body: ([UInt8]) -> Void) throws(FileError) -> Bool {
        try read(Self.crashReport, body)
    }

    private func read(_ name: String, _ body: ([UInt8]) -> Void) throws(FileError) -> Bool {
        let file: File
        do throws(FileError) { file = try volume.open(name) } catch {
            if case .notFound = error { return false }
            throw error
        }
        var piece = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = try file.read(at: file.position, into: &piece)
            if count == 0 { return true }
            file.position += UInt64(count)
            body(count == piece.count ? piece : [UInt8](piece[0..<count]))
        }
    }

    /// Keeps `report` in place of the last one, which is there until the new one is whole.
    public func keep(crashReport report: [UInt8]) throws(FileError) {
        let replacement = try volume.replace(Self.crashReport)
        try replacement.file.write(report)
        try replacement.finish()
        try volume.synchronize()
    }
}
