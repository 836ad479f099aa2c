/// A bar that fills while something long goes on.
package struct ProgressBar {
    private let total: Int
    private var shown = ""

    /// A bar for `total` bytes.
    package init(total: Int) {
        self.total = total
    }

    /// Shows `done` bytes of `phase`. Where there is no terminal, only the end of each phase.
    package mutating func show(_ phase: String, _ done: Int) {
        let text = Self.text(phase, done: done, total: total)
        guard text != shown else { return }
        shown = text
        if Screen.isTerminal {
            Screen.write("\r" + text + (done == total ? "\n" : ""))
        } else if done == total {
            Screen.note(text)
        }
    }

    /// The bar as text: `Writing    [#####     ]  50 %  32 of 64 MB`.
    static func text(_ phase: String, done: Int, total: Int) -> String {
        let width = 30
        let fraction = total == 0 ? 1 : Double(done) / Double(total)
        let filled = Int(fraction * Double(width))
        let bar = String(repeating: "#", count: filled) + String(repeating: " ", count: width - filled)
        let percent = String(Int(fraction * 100))
        let padding = String(repeating: " ", count: max(0, 3 - percent.count))
        let name = phase + String(repeating: " ", count: max(0, 10 - phase.count))
        return "\(name) [\(bar)] \(padding)\(percent) %  \(done / 1_000_000) of \(total / 1_000_000) MB"
    }
}
