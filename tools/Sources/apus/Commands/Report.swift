import ApusKit
import ArgumentParser

/// `apus report`
struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say whether a report of SelfTest arrived as the board printed it.",
        discussion: "FILE is a log of the console. The last report in it counts.")

    @Argument(help: "A file with the report in it.")
    var file: String

    func run() throws {
        guard let report = BoardReport(in: String(decoding: try Files.read(file), as: UTF8.self)) else {
            throw ReportError.none(file)
        }
        guard report.isIntact else { throw ReportError.changed(file) }
        print("\(file): \(report.lines.count) lines, as the board printed them")
    }
}

/// A report that says nothing.
enum ReportError: UserError {
    case none(String)
    case changed(String)

    var description: String {
        switch self {
        case .none(let file): "\(file) holds no report: the line with the checksum, its last, is not there"
        case .changed(let file):
            "the report in \(file) is not what the board printed: lines are missing or were changed"
        }
    }
}
