import Interfaces

/// Takes what is printed and logged, and shows nobody. Beside it there may be the board's own console in a process: an address of its bus.
final class QuietConsole: Console {
    let statistics = ConsoleStatistics()

    func write(_ bytes: RawSpan) {}
    func read(into buffer: inout MutableRawSpan) -> Int { 0 }
}
