import GIC400
import Models
import Testing

@Suite struct GIC400Tests {
    private func started(isDirty: Bool = true) -> (GICModel, GIC400<GICModel.Window>) {
        let model = GICModel(isDirty: isDirty)
        let gic = GIC400(distributor: model.distributor, processorInterface: model.processorInterface)
        gic.startDistributor()
        gic.startProcessorInterface()
        return (model, gic)
    }

    @Test func `starting silences what the firmware left, and sends shared interrupts to processor 0`() {
        let (model, gic) = started()
        #expect(model.isInterrupting == false)
        #expect((0..<256).allSatisfy { !model.isEnabled($0) })
        #expect(model.target[32...].allSatisfy { $0 == 1 })
        #expect(model.configuration[2...].allSatisfy { $0 == 0 })
        // In the middle of the half that is non-secure software's.
        #expect(model.priority.allSatisfy { $0 == 0xD0 })
        #expect(gic.interruptCount == 256)
        #expect(gic.processorCount == 4)
        #expect(gic.acknowledge().interrupt == nil)
        #expect(model.violations == [])
    }

    @Test(arguments: [30, 32, 153, 223] as [UInt32])
    func `an enabled interrupt is taken once and comes again while its level stays`(number: UInt32) {
        let (model, gic) = started()
        let interrupt = InterruptID(number)
        model.setLine(number, true)
        #expect(model.isInterrupting == false)
        gic.enable(interrupt)
        #expect(gic.isEnabled(interrupt) && gic.isPending(interrupt))
        let taken = gic.acknowledge()
        #expect(taken.interrupt == interrupt)
        #expect(gic.isActive(interrupt))
        #expect(gic.acknowledge().interrupt == nil)
        gic.end(taken)
        #expect(model.isInterrupting)
        let again = gic.acknowledge()
        model.setLine(number, false)
        gic.end(again)
        #expect(model.isInterrupting == false)
        #expect(model.violations == [])
    }

    @Test func `disabling one interrupt leaves its neighbours`() {
        let (model, gic) = started()
        for number in 96..<100 as Range<UInt32> { gic.enable(InterruptID(number)) }
        gic.disable(InterruptID(97))
        #expect((96..<100).map { model.isEnabled($0) } == [true, false, true, true])
    }

    @Test func `the more urgent interrupt is taken first, and interrupts the other`() {
        let (model, gic) = started()
        gic.enable(InterruptID(100))
        gic.enable(InterruptID(101))
        gic.setPriority(0x80, of: InterruptID(101))
        #expect(model.priority[100] == 0xD0 && model.priority[101] == 0xC0 && model.priority[102] == 0xD0)
        model.setLine(100, true)
        let first = gic.acknowledge()
        model.setLine(101, true)
        let second = gic.acknowledge()
        #expect(first.interrupt == InterruptID(100) && second.interrupt == InterruptID(101))
        model.setLine(101, false)
        gic.end(second)
        gic.end(first)
        #expect(model.ended == [101, 100])
        #expect(model.violations == [])
    }

    @Test(arguments: [1020, 1022, 1023, 0x1FFF] as [UInt32])
    func `answers that name no interrupt are not ended`(value: UInt32) {
        let (model, gic) = started()
        let answer = InterruptAcknowledgement(rawValue: value)
        #expect(answer.interrupt == nil)
        gic.end(answer)
        #expect(model.ended == [])
    }

    @Test func `a software-generated interrupt is ended with its sender`() {
        let (model, gic) = started()
        model.sender = 2
        gic.enable(.softwareGenerated(5))
        gic.send(.softwareGenerated(5), toProcessors: 0b0001)
        gic.sendToOthers(.softwareGenerated(6))
        gic.sendToSelf(.softwareGenerated(7))
        #expect(model.sent == [[5, 0, 1], [6, 1, 0], [7, 2, 0]])
        let taken = gic.acknowledge()
        #expect(taken.interrupt == .softwareGenerated(5) && taken.sourceProcessor == 2)
        gic.end(taken)
        #expect(model.violations == [])
    }

    @Test func `targets change one interrupt alone`() {
        let (model, gic) = started()
        gic.setTargets(0b1000, of: .shared(57))
        #expect(Array(model.target[88...91]) == [1, 8, 1, 1])
    }

    @Test func `from secure state everything is released to group 1 and the mask opened`() {
        let model = GICModel(isSecure: true)
        let gic = GIC400(distributor: model.distributor, processorInterface: model.processorInterface)
        gic.releaseToNonSecure()
        model.isSecure = false
        gic.startDistributor()
        gic.startProcessorInterface()
        #expect(model.group.allSatisfy { $0 })
        gic.enable(.privatePeripheral(14))
        model.setLine(30, true)
        #expect(gic.acknowledge().interrupt == InterruptID(30))
    }

    @Test func `what was not handed over stays as it is, does not come, and is known by that`() {
        let model = GICModel(isHandedOver: false)
        let gic = GIC400(distributor: model.distributor, processorInterface: model.processorInterface)
        gic.startDistributor()
        gic.startProcessorInterface()
        #expect(model.priorityMask == 0)
        #expect(!gic.isHandedOver(.softwareGenerated(0)) && !gic.isHandedOver(InterruptID(153)))
        gic.enable(.softwareGenerated(0))
        gic.sendToSelf(.softwareGenerated(0))
        #expect(!model.isInterrupting && gic.offered.interrupt == nil)
        #expect(started().1.isHandedOver(.softwareGenerated(0)))
    }

    @Test func `what the controller offers can be seen without taking it`() {
        let (model, gic) = started()
        gic.enable(.softwareGenerated(3))
        #expect(gic.offered.interrupt == nil)
        gic.sendToSelf(.softwareGenerated(3))
        #expect(gic.offered.interrupt == .softwareGenerated(3))
        #expect(gic.acknowledge().interrupt == .softwareGenerated(3) && model.violations == [])
    }

    @Test func `numbers above 1019 are no interrupts`() async {
        await #expect(processExitsWith: .failure) { _ = InterruptID(1020) }
    }
}
