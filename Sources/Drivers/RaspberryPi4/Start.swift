import Boot
import GPIO
import Interfaces
import Mailbox
import PL011
import PowerManagement
import Runtime

// The way from the boot code to the application's main function, and what the boot code asks of the board.

@_extern(c, "apus_application")
func application(_ count: Int32, _ arguments: UInt) -> Int32

/// The first Swift function: a console that works, a heap, the processor at its full speed, then the application.
@c(apus_start)
func start() {
    SystemTime.start(counterRate: Board.counterRate)
    PhysicalMemory.addFirst()
    Board.openMailbox()
    Board.configureConsole()
    Board.raiseProcessorClock()
    Crash.showPrevious()
    _ = application(0, 0)
    Board.powerOff()
}

/// One byte to the console, in any state of the board.
@c(apus_put_byte)
func putByte(_ byte: UInt8) {
    if let finish = unsafe Board.finishOutput {
        // What was printed before comes first. Once: whoever writes byte by byte does so because nothing else works.
        unsafe Board.finishOutput = nil
        finish()
    }
    Board.consolePort.writePolled(byte)
}

/// The end after a crash report. A step that fails itself brings the processor here again, on the third level of exceptions: each is counted off before it is
/// begun, so that it is left out then, and the board starts again whatever happens.
@c(apus_stop_after_crash)
func stopAfterCrash() -> Never {
    let isReboot = unsafe Crash.policy == .reboot
    // Should a step never end.
    if isReboot { Board.power.kick(timeout: .seconds(15)) }
    Board.silenceDevices()
    if unsafe Board.endStep == 0 {
        unsafe Board.endStep = 1
        Board.consolePort.drainPolled()
    }
    if !isReboot { while true { apus_wait_for_interrupt() } }
    if unsafe Board.endStep == 1 {
        unsafe Board.endStep = 2
        unsafe Board.releaseCardAtCrash?()
    }
    Board.power.reboot(partition: 0)
}
