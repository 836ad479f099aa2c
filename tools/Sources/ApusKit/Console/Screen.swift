import Foundation
import Glibc

/// What the tools say to the person at the terminal.
package enum Screen {
    /// Whether standard error is a terminal.
    package static let isTerminal = isatty(2) == 1

    /// Whether standard error is a terminal that shows colours.
    package static let isColoured = isTerminal && ProcessInfo.processInfo.environment["NO_COLOR"] == nil

    /// A line of plain information, on standard error.
    package static func note(_ text: String) {
        write(text + "\n")
    }

    /// A line about what begins now, on standard error.
    package static func step(_ text: String) {
        write(isColoured ? "\u{1b}[1m\(text)\u{1b}[0m\n" : text + "\n")
    }

    /// Something the person should know, although the work goes on.
    package static func warning(_ text: String) {
        write(isColoured ? "\u{1b}[33mWarning:\u{1b}[0m \(text)\n" : "Warning: \(text)\n")
    }

    /// Why the command ends without having done its work.
    package static func error(_ text: String) {
        write(isColoured ? "\u{1b}[31mError:\u{1b}[0m \(text)\n" : "Error: \(text)\n")
    }

    /// Writes on standard error as it is.
    package static func write(_ text: String) {
        Descriptor.writeAll(Array(text.utf8), to: 2)
    }
}
