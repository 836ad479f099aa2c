import Interfaces
import RaspberryPi4
import Runtime

// One function for each way to crash, none of them inlined, so that a report names it and its line. What they work on comes out of
// `opaque`, which the compiler does not see through: it would reject the mistakes that are plain to see.

@inline(never)
@_optimize(none)
private func opaque<Value>(_ value: Value) -> Value { value }

/// Comes after a call that must not become a jump, which would leave the caller out of the backtrace.
@inline(never)
@_optimize(none)
private func returned() {}

// MARK: Mistakes of the language

@inline(never)
func crashByUnwrappingNil() {
    let nothing: Int? = opaque(nil)
    StandardOutput.put(UInt8(truncatingIfNeeded: nothing!))
}

@inline(never)
func crashByIndexing() {
    let numbers = opaque([1, 2, 3])
    StandardOutput.put(UInt8(truncatingIfNeeded: numbers[opaque(3)]))
}

@inline(never)
func crashByOverflow() {
    let sum = opaque(Int.max) + opaque(1)
    StandardOutput.put(UInt8(truncatingIfNeeded: sum))
}

@inline(never)
func crashByBrokenContract() {
    violated("the person at the console does not ask for a crash")
}

// MARK: Memory that may not be touched so

@inline(never)
func crashByReadingNull() {
    StandardOutput.put(unsafe UnsafePointer<UInt8>(bitPattern: opaque(UInt(8)))!.pointee)
}

@inline(never)
func crashByWritingNull() {
    unsafe UnsafeMutablePointer<UInt8>(bitPattern: opaque(UInt(8)))!.pointee = 1
}

@inline(never)
func crashByWritingCode() {
    unsafe UnsafeMutablePointer<UInt32>(bitPattern: opaque(UInt(Image.code.lowerBound)))!.pointee = 0
}

@inline(never)
func crashByWritingConstants() {
    let constant: StaticString = "constant"
    unsafe UnsafeMutablePointer(mutating: opaque(constant.utf8Start)).pointee = 1
}

@inline(never)
func crashByTouchingGuard() {
    // A task's stack has 64 KiB here, and nothing lies below it for as much: this is under it from wherever the task stands.
    var mark: UInt64 = opaque(0)
    unsafe withUnsafeMutableBytes(of: &mark) { bytes in
        let below = UInt(bitPattern: bytes.baseAddress) - UInt(Task.standardStackSize) - 4096
        unsafe UnsafeMutablePointer<UInt64>(bitPattern: opaque(below & ~7))!.pointee = 1
    }
}

@inline(never)
func crashByFreeingTwice() {
    let block = UnsafeMutableRawPointer.allocate(byteCount: opaque(48), alignment: 16)
    unsafe block.deallocate()
    unsafe opaque(block).deallocate()
    returned()
}

@inline(never)
func crashByWritingBehindBlock() {
    let block = UnsafeMutablePointer<UInt8>.allocate(capacity: opaque(40))
    unsafe opaque(block)[40] = 1
    unsafe block.deallocate()
}

// MARK: Bytes that may not be run

@inline(never)
private func run(_ address: UInt) {
    let function = unsafe unsafeBitCast(opaque(address), to: (@convention(c) () -> Void).self)
    function()
    returned()
}

@inline(never)
func crashByRunningHeap() {
    // A `ret`, so that it would return if it were allowed to run.
    let block = UnsafeMutablePointer<UInt32>.allocate(capacity: 16)
    unsafe block.pointee = 0xd65f_03c0
    run(UInt(bitPattern: block))
    returned()
}

@inline(never)
func crashByRunningVariables() {
    run(UInt(Image.variables.lowerBound))
    returned()
}

@inline(never)
func crashByRunningConstants() {
    run(UInt(Image.constants.lowerBound))
    returned()
}

@inline(never)
func crashByRunningDevice() {
    run(Board.Device.uart.address)
    returned()
}

/// The image's header, which is code as far as the rights go, has a field of zeros 32 bytes from its start; zero is the instruction
/// that is undefined for good (`udf #0`).
@inline(never)
func crashByInstruction() {
    run(UInt(Image.code.lowerBound) + 32)
    returned()
}

// MARK: Devices

@inline(never)
func crashByAbsentDevice() { StandardOutput.put(UInt8(truncatingIfNeeded: MMIO(opaque(0xfd58_0000)).read(0))) }

@inline(never)
func crashByUnalignedAccess() {
    StandardOutput.put(UInt8(truncatingIfNeeded: MMIO(opaque(Board.Device.uart.address) + 1).read(0x18)))
}

// MARK: Stack, interrupts, the report itself

@inline(never)
func crashByRecursion() {
    guard let task = try? Task.spawn("deep", { () throws(TaskError) in _ = recurse(opaque(0)) }) else { return }
    try? task.join()
}

@inline(never)
private func recurse(_ depth: Int) -> Int {
    if depth == opaque(Int.max) { return 0 }
    return recurse(depth &+ 1) ^ opaque(depth)
}

@inline(never)
func crashInInterruptHandler() {
    Board.handleSoftwareInterrupt(2, name: "crash") { crashByUnwrappingNil() }
    Board.sendSoftwareInterrupt(2)
    SpinClock().wait(for: .milliseconds(100))
}

/// Breaks a contract whose text lies in page zero: reading it for the report is the second crash.
@inline(never)
func crashInCrashReport() {
    let text = unsafe unsafeBitCast((UInt(8), UInt(64), UInt8(2)), to: StaticString.self)
    violated(opaque(text))
}

/// Fails twice in what follows the crash report: on the second and on the third level of exceptions.
@inline(never)
func crashAtTheEnd() {
    for _ in 0..<2 { Board.atCrash { crashByReadingNull() } }
    crashByUnwrappingNil()
}
