import Boot
import GIC400
import Interfaces
import Runtime

extension Board {
    static var interruptController: GIC400<MMIO> {
        GIC400(distributor: MemoryMap.gicDistributor, processorInterface: MemoryMap.gicProcessorInterface)
    }

    /// Brings the controller to a known state and lets interrupts through. False, after saying why, when none comes.
    static func startInterrupts() -> Bool {
        // Nothing says what an earlier stage, or a reset, has left there.
        apus_disarm_timer()
        interruptController.startDistributor()
        interruptController.startProcessorInterface()
        apus_unmask_interrupts()
        let fault = InterruptProof.run(interruptController)
        apus_set_interrupt_handler { Board.handleInterrupt() }
        guard let fault else { return true }
        printLine("apus: no interrupts: enable_gic=1 or a device tree is missing on the card (\(fault.seen))")
        return false
    }

    /// Calls `handler` for `id`, and lets it come.
    package static func enableInterrupt(_ id: UInt32, name: StaticString, _ handler: @escaping Interrupts.Handler) {
        Interrupts.register(id, name: name, handler)
        interruptController.enable(InterruptID(id))
    }

    /// Serves what is pending: on the exception stack, interrupts masked. At most as many as there are lines, so that a device that
    /// cannot be silenced lets tasks run in between.
    private static func handleInterrupt() {
        let controller = interruptController
        unsafe Interrupts.isHandling = true
        for _ in 0..<64 {
            let taken = controller.acknowledge()
            guard let interrupt = taken.interrupt else { break }
            if !Interrupts.dispatch(interrupt.rawValue) { controller.disable(interrupt) }
            // The handler's last write has reached its device before the controller looks at the line again.
            apus_barrier()
            controller.end(taken)
        }
        unsafe Interrupts.isHandling = false
    }
}
