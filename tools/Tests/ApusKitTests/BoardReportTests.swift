import Testing

@testable import ApusKit

@Suite struct BoardReportTests {
    private static let lines = [
        "processor: found — Cortex-A72", "rng200: absent — nothing", "selftest: 1 ok, 1 absent, 0 failed",
    ]

    private func log(_ lines: [String], end: String = "\r\n") -> String {
        let sum = String(BoardReport.checksum(of: Self.lines), radix: 16)
        let digits = String(repeating: "0", count: 16 - sum.count) + sum
        return (["MESS: before"] + lines + ["checksum of these 3 lines: 0x\(digits)", "> after"]).map { $0 + end }
            .joined()
    }

    @Test(arguments: ["\n", "\r\n", "  \n", "\n\n"])
    func `a report that was pasted is recognised, whatever ends its lines`(end: String) {
        let report = BoardReport(in: log(Self.lines, end: end))
        #expect(report?.isIntact == true && report?.lines == Self.lines)
    }

    @Test func `a changed or missing line is noticed`() {
        for index in Self.lines.indices {
            var lines = Self.lines
            lines[index] += "x"
            #expect(BoardReport(in: log(lines))?.isIntact == false)
            lines.remove(at: index)
            #expect(BoardReport(in: log(lines))?.isIntact == false)
        }
    }

    @Test(arguments: [
        "", "selftest: 1 ok, 1 absent, 0 failed", "checksum of these x lines: 0x12", "checksum of these 3",
    ])
    func `what is no report is none`(text: String) { #expect(BoardReport(in: text)?.isIntact != true) }
}
