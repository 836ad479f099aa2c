import Boot
import GIC400
import Interfaces
import Runtime

/// Shows that interrupts arrive, before anything waits for one: without this a board on whose card something is missing stands still
/// without a word.
enum InterruptProof {
    /// Numbers below 32 that have arrived, a bit each.
    nonisolated(unsafe) private static var arrived: UInt32 = 0
    /// The one that wakes the other cores; this core has no other use for it.
    private static var software: InterruptID { .softwareGenerated(0) }
    private static var timer: InterruptID { InterruptID(InterruptMap.timer) }

    /// Interrupts this core by software, then by its timer, which takes a tenth of a millisecond where all is well. Leaves both
    /// disabled, and the handler for the caller to replace.
    static func run(_ controller: GIC400<MMIO>) -> InterruptFault? {
        unsafe arrived = 0
        apus_set_interrupt_handler { InterruptProof.take() }
        defer {
            apus_disarm_timer()
            controller.disable(software)
            controller.disable(timer)
        }
        controller.enable(software)
        controller.sendToSelf(software)
        guard waits(for: software, .milliseconds(10)) else { return InterruptFault(of: software, controller) }
        controller.enable(timer)
        apus_arm_timer(apus_counter() + 1000)
        // An emulator's timers wait for its host.
        return waits(for: timer, .milliseconds(500)) ? nil : .noTimer
    }

    private static func waits(for interrupt: InterruptID, _ limit: Interval) -> Bool {
        SpinClock().poll(for: limit, every: .microseconds(1)) { unsafe arrived >> interrupt.rawValue & 1 != 0 }
    }

    private static func take() {
        let controller = Board.interruptController
        let taken = controller.acknowledge()
        guard let interrupt = taken.interrupt else { return }
        if interrupt == timer { apus_disarm_timer() }
        if interrupt.isPrivate { unsafe arrived |= 1 << interrupt.rawValue }
        apus_barrier()
        controller.end(taken)
    }
}
