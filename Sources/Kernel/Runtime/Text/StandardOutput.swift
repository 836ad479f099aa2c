import Boot
import Interfaces

/// Where `print` goes: the polled console until the board has started a better one.
public enum StandardOutput {
    /// The console that takes what is printed; nil for the polled one.
    nonisolated(unsafe) static var console: (any Console)?

    /// Sends everything printed from now on to `console`.
    public static func use(_ console: any Console) { unsafe self.console = console }

    /// Sends `byte`; a line feed as carriage return and line feed.
    public static func put(_ byte: UInt8) {
        guard let console = unsafe console else { return PolledConsole().put(byte) }
        if byte == 0x0a {
            let pair: [2 of UInt8] = [0x0d, 0x0a]
            unsafe console.write(pair.span.bytes)
        } else {
            let single: [1 of UInt8] = [byte]
            unsafe console.write(single.span.bytes)
        }
    }
}

/// Prints `line` and ends the line. Unlike `print` it needs nothing of what makes strings, and so fits a small program.
public func printLine(_ line: Text) {
    for byte in line.bytes { StandardOutput.put(byte) }
    StandardOutput.put(0x0a)
}

#if hasFeature(Embedded)
    /// What `print` calls for each byte.
    @c(putchar)
    public func putCharacter(_ character: Int32) -> Int32 {
        StandardOutput.put(UInt8(truncatingIfNeeded: character))
        return character
    }
#endif
