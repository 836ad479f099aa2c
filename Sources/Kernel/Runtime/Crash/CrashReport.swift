import Boot

/// Writes what a person needs to find the mistake: cause, place, registers, how it got there.
///
/// The format is a contract with `apus monitor`, which turns the addresses behind `pc`, `lr` and `#n` into functions, files
/// and lines by the image's ELF.
@safe
struct CrashReport {
    let frame: UnsafePointer<apus_frame>
    let reason: UInt32
    var output = CrashOutput()

    init(frame: UnsafePointer<apus_frame>, reason: UInt32) {
        unsafe self.frame = unsafe frame
        self.reason = reason
    }

    mutating func write() {
        let stack = currentStack
        output.put("\n=== crash report ===\n")
        writeCause()
        output.put("task: ")
        unsafe output.put(stack.name)
        output.put("\n")
        writeNote()
        writeRegisters()
        writeBacktrace(stack)
        output.put("=== end of crash report ===\n")
        output.retained.seal()
    }

    // MARK: - Cause

    private mutating func writeCause() {
        let syndrome = unsafe ExceptionSyndrome(value: frame.pointee.esr)
        output.put("cause: ")
        switch reason {
        case APUS_CRASH_UNEXPECTED_IRQ.rawValue: output.put("an interrupt, while nobody takes any\n")
        case APUS_CRASH_FIQ.rawValue: output.put("a fast interrupt, which nothing here enables\n")
        default:
            if reason == APUS_CRASH_NESTED.rawValue { output.put("in an interrupt handler: ") }
            if reason == APUS_CRASH_SERROR.rawValue { output.put("asynchronous error of the bus: ") }
            output.put(syndrome.name)
            if let fault = syndrome.fault { writeFault(fault) }
            if let message = unsafe Crash.message {
                output.put(": ")
                output.put(message)
            }
            output.put("\n")
        }
    }

    private mutating func writeFault(_ fault: StaticString) {
        let address = unsafe frame.pointee.far
        output.put(" ")
        output.putHexadecimal(address)
        output.put(": ")
        output.put(fault)
        output.put(" (")
        if unsafe Crash.describe?(address, &output) != true { output.put(place(of: address)) }
        output.put(")")
    }

    /// What the linker put at `address`.
    private func place(of address: UInt64) -> StaticString {
        func at(_ symbol: UnsafeMutablePointer<CChar>) -> UInt64 { UInt64(UInt(bitPattern: symbol)) }
        let limits = apus_image_limits()
        return switch address {
        case 0..<0x1000: "page zero, a null pointer"
        case limits.text..<limits.rodata: "the program's code"
        case limits.rodata..<limits.data: "the program's constants"
        case limits.data..<limits.data_limit: "the program's variables"
        case limits.boot_guard..<limits.boot_stack: "below the main stack: stack overflow of main"
        case limits.boot_stack..<limits.boot_top: "the main stack"
        case limits.boot_top..<limits.limit: "the exception stacks and their guards"
        case 0xfc00_0000..<0x1_0000_0000: "device registers"
        case 0x20_0000..<0x2_0000_0000: "memory behind the program: the heap"
        default: "belongs to nobody"
        }
    }

    // MARK: - Program

    private mutating func writeNote() {
        let note = unsafe apus_note_text()
        let size = Int(apus_note_size())
        for index in 0..<size {
            let byte = unsafe note[index]
            if byte == 0 { break }
            output.put(byte)
        }
    }

    // MARK: - Registers

    private mutating func writeRegisters() {
        let frame = unsafe frame.pointee
        writeRegister("  pc  ", frame.elr)
        writeRegister("\n  lr  ", frame.x.30)
        writeRegister("\n  sp  ", frame.sp)
        writeRegister("\n  esr ", frame.esr)
        writeRegister("  far ", frame.far)
        writeRegister("  spsr ", frame.spsr)
        unsafe withUnsafeBytes(of: frame.x) { registers in
            for index in 0..<30 {
                output.put(index % 4 == 0 ? "\n  x" : "  x")
                output.putDecimal(UInt64(index))
                output.put(index < 10 ? "  " : " ")
                unsafe output.putHexadecimal(registers.load(fromByteOffset: index * 8, as: UInt64.self))
            }
        }
        output.put("\n")
    }

    private mutating func writeRegister(_ name: StaticString, _ value: UInt64) {
        output.put(name)
        output.putHexadecimal(value)
    }

    // MARK: - Backtrace

    /// The running task's stack, or the main one.
    private var currentStack: StackExtent {
        if let current = unsafe Crash.currentTask { return current() }
        let main: StaticString = "main"
        let limits = apus_image_limits()
        return unsafe StackExtent(
            name: UnsafeBufferPointer(start: main.utf8Start, count: main.utf8CodeUnitCount),
            bottom: limits.boot_stack, top: limits.boot_top)
    }

    /// Follows the chain of frame records (AAPCS64 6.4.6) as long as it goes up within the stack.
    private mutating func writeBacktrace(_ stack: StackExtent) {
        output.put("backtrace\n")
        writeFrame(0, unsafe frame.pointee.elr)
        var record = unsafe frame.pointee.x.29
        var number: UInt64 = 1
        let limits = apus_image_limits()
        // A handler that fails runs on an exception stack, above the main one.
        let isHandler = record >= limits.boot_top && record < limits.limit
        let bottom = isHandler ? limits.boot_top : stack.bottom
        let top = isHandler ? limits.limit : stack.top
        while number < 64, record & 7 == 0, record >= bottom, record <= top - 16 {
            let pointer = unsafe UnsafePointer<UInt64>(bitPattern: UInt(record))!
            let caller = unsafe pointer[0]
            let returnAddress = unsafe pointer[1]
            if returnAddress == 0 { break }
            writeFrame(number, returnAddress)
            if caller <= record { break }
            record = caller
            number += 1
        }
    }

    private mutating func writeFrame(_ number: UInt64, _ address: UInt64) {
        output.put("  #")
        output.putDecimal(number)
        output.put(number < 10 ? "  " : " ")
        output.putHexadecimal(address)
        output.put("\n")
    }
}

/// Called by the exception vectors, interrupts masked, on a stack of its own.
@c(apus_crash)
func reportCrash(_ frame: UnsafeMutablePointer<apus_frame>, _ reason: UInt32) -> Never {
    if unsafe Crash.isReporting { unsafe apus_last_words(frame.pointee.elr) }
    unsafe Crash.isReporting = true
    var report = unsafe CrashReport(frame: frame, reason: reason)
    report.write()
    apus_stop_after_crash()
}
