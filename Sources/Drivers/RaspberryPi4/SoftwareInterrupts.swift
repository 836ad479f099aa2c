import Boot
import GIC400
import Interfaces
import Runtime

extension Board {
    /// Calls `handler`, as for a device, whenever `sendSoftwareInterrupt(number)` is called. 1 to 15; 0 wakes other cores.
    public static func handleSoftwareInterrupt(
        _ number: UInt32, name: StaticString, _ handler: @escaping Interrupts.Handler
    ) {
        contract(number > 0 && number < 16, "software interrupts of the application are 1 to 15")
        enableInterrupt(number, name: name, handler)
    }

    /// Interrupts the core that calls: its handler has run, or is about to, when this returns.
    public static func sendSoftwareInterrupt(_ number: UInt32) {
        // What was written before is there for the handler.
        apus_barrier()
        interruptController.sendToSelf(.softwareGenerated(number))
    }

    /// Numbers of interrupts and of processor interfaces that the interrupt controller has.
    public static var interruptControllerSize: (interrupts: Int, processors: Int) {
        (interruptController.interruptCount, interruptController.processorCount)
    }
}
