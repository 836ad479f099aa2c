import Boot

/// What is known at the moment of a crash, and what comes after it.
public enum Crash {
    /// What happens when the report is out.
    public enum Policy: UInt8, Sendable {
        /// Start again through the watchdog. The next start shows the report once more.
        case reboot
        /// Stand still, for a debugger or a person.
        case halt
    }

    /// What happens after a crash. Reboots unless the application says otherwise.
    nonisolated(unsafe) public static var policy = Policy.reboot

    /// The contract whose breach led here.
    @usableFromInline
    nonisolated(unsafe) static var message: StaticString?

    /// A report is being written.
    nonisolated(unsafe) static var isReporting = false

    /// Names what runs; set by whoever runs more than the application's main function.
    nonisolated(unsafe) static var currentTask: (() -> StackExtent)?

    /// Says what lies at an address that only others know about. False: it does not know either.
    nonisolated(unsafe) static var describe: ((UInt64, inout CrashOutput) -> Bool)?

    /// Shows the report of a crash that ended the run before this one, and forgets it. For the start of a program.
    /// - Returns: whether there was one.
    @discardableResult
    public static func showPrevious() -> Bool {
        let report = RetainedReport()
        let length = report.recover()
        if length == 0 { return false }
        var console = PolledConsole()
        console.put("apus: the run before this one ended so:\n")
        unsafe console.put(report.text(length))
        unsafe previousLength = length
        report.clear(from: length)
        return true
    }

    /// Bytes of the report that `showPrevious` has shown; it lies in the retained memory still.
    nonisolated(unsafe) private static var previousLength = 0

    /// The report of the crash that ended the run before this one; empty for none.
    public static var previousReport: [UInt8] { unsafe RetainedReport().bytes(previousLength) }
}

/// A running stack: whose it is and where it lies.
@safe
struct StackExtent {
    var name: UnsafeBufferPointer<UInt8>
    var bottom: UInt64
    var top: UInt64
}

/// Where a report goes: to the console and to memory that survives the reboot.
struct CrashOutput: TextSink {
    var console = PolledConsole()
    var retained = RetainedReport()

    mutating func put(_ byte: UInt8) {
        console.put(byte)
        retained.put(byte)
    }
}
