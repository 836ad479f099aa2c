import GIC400
import Models
import Testing

@testable import RaspberryPi4

@Suite struct InterruptFaultTests {
    /// What is said of a software interrupt that was sent and has not arrived.
    private func fault(_ model: GICModel, isEnabled: Bool = true) -> InterruptFault {
        let controller = GIC400(distributor: model.distributor, processorInterface: model.processorInterface)
        controller.startDistributor()
        controller.startProcessorInterface()
        if isEnabled { controller.enable(.softwareGenerated(0)) }
        controller.sendToSelf(.softwareGenerated(0))
        return InterruptFault(of: .softwareGenerated(0), controller)
    }

    @Test func `without the stub's part about the interrupts they are the secure side's`() {
        #expect(fault(GICModel(isHandedOver: false)) == .notHandedOver)
    }

    @Test func `when the cores' lines are with the other controller this one has what the core does not see`() {
        #expect(fault(GICModel()) == .notSeen)
    }

    @Test func `what the controller keeps to itself is told apart from both`() {
        #expect(fault(GICModel(), isEnabled: false) == .notOffered)
    }
}
