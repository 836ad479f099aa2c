/// A way to end the program, for `crash`.
struct CrashKind {
    /// What it is called.
    let name: StaticString
    /// What it does.
    let help: StaticString
    /// Does it. Returns only when the protection that should have caught it is not there.
    let run: () -> Void
}

extension CrashKind {
    /// All of them.
    static var all: [CrashKind] {
        [
            CrashKind(name: "nil", help: "unwrap nil") { crashByUnwrappingNil() },
            CrashKind(name: "index", help: "read past the end of an array") { crashByIndexing() },
            CrashKind(name: "overflow", help: "add one to the largest integer") { crashByOverflow() },
            CrashKind(name: "contract", help: "break a contract of the runtime") { crashByBrokenContract() },
            CrashKind(name: "null", help: "read page zero") { crashByReadingNull() },
            CrashKind(name: "null-write", help: "write page zero") { crashByWritingNull() },
            CrashKind(name: "write-text", help: "write to the program's code") { crashByWritingCode() },
            CrashKind(name: "write-constants", help: "write to a constant") { crashByWritingConstants() },
            CrashKind(name: "run-data", help: "run bytes of the heap") { crashByRunningHeap() },
            CrashKind(name: "run-variables", help: "run the bytes of variables") { crashByRunningVariables() },
            CrashKind(name: "run-constants", help: "run bytes of a constant") { crashByRunningConstants() },
            CrashKind(name: "run-device", help: "run the registers of a device") { crashByRunningDevice() },
            CrashKind(name: "instruction", help: "run an instruction that does not exist") { crashByInstruction() },
            CrashKind(name: "stack", help: "call without end in the task `deep`") { crashByRecursion() },
            CrashKind(name: "guard", help: "write below the stack of the task") { crashByTouchingGuard() },
            CrashKind(name: "device", help: "read a register where no device is") { crashByAbsentDevice() },
            CrashKind(name: "unaligned", help: "read a register at an odd address") { crashByUnalignedAccess() },
            CrashKind(name: "heap-double-free", help: "give a block of the heap back twice") { crashByFreeingTwice() },
            CrashKind(name: "heap-overflow", help: "write behind a block; noticed when built with --checks") {
                crashByWritingBehindBlock()
            },
            CrashKind(name: "interrupt", help: "fail in an interrupt handler") { crashInInterruptHandler() },
            CrashKind(name: "crash", help: "fail while the crash report is written") { crashInCrashReport() },
            CrashKind(name: "end", help: "fail after the crash report, and once more after that") { crashAtTheEnd() },
        ]
    }
}
