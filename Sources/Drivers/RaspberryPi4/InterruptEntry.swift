import Boot
import GIC400
import Interfaces
import Runtime

extension Board {
    static var interruptController: GIC400<MMIO> {
        GIC400(distributor: MemoryMap.gicDistributor, processorInterface: MemoryMap.gicProcessorInterface)
    }

    /// Brings the controller to a known state and lets interrupts through.
    static func startInterrupts() {
        interruptController.startDistributor()
        interruptController.startProcessorInterface()
        apus_set_interrupt_handler { Board.handleInterrupt() }
        apus_unmask_interrupts()
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
