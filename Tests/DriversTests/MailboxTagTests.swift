import Interfaces
import Mailbox
import Models
import Testing

/// Every call, on firmware that treats its tag in each of the ways in which one may.
@Suite struct MailboxTagTests {
    typealias Driver = Mailbox<MailboxModel, VirtualClock, CoherentMemoryModel>

    /// What came of a call.
    enum Outcome: Equatable, Sendable {
        case value(UInt64)
        case failed(DeviceError)
    }

    /// A call, the tag that it sends, what a firmware that knows it answers, and what the call makes of that.
    struct Call: Sendable, CustomTestStringConvertible {
        let tag: UInt32
        let value: UInt64
        /// What comes of it where the tag is carried out and not marked.
        let unmarked: Outcome
        let answer: @Sendable ([UInt32]) -> [UInt32]
        let call: @Sendable (inout Driver) throws(DeviceError) -> UInt64

        init(
            _ tag: UInt32, _ value: UInt64, unmarked: Outcome = .failed(.unsupported("")),
            _ answer: @escaping @Sendable ([UInt32]) -> [UInt32],
            _ call: @escaping @Sendable (inout Driver) throws(DeviceError) -> UInt64
        ) {
            (self.tag, self.value, self.unmarked, self.answer, self.call) = (tag, value, unmarked, answer, call)
        }

        var testDescription: String { "0x" + String(tag, radix: 16) }
    }

    static let calls: [Call] = [
        Call(0x0000_0001, 346_337) { _ in
            [346_337]
        } _: { (box) throws(DeviceError) in
            UInt64(try box.firmwareRevision())
        },
        Call(0x0001_0002, 0xD0_3115) { _ in
            [0xD0_3115]
        } _: { (box) throws(DeviceError) in
            UInt64(try box.boardRevision().rawValue)
        },
        Call(0x0001_0003, 0x22) { _ in
            [0x4332_A6DC, 0xFFFF_2211]
        } _: { (box) throws(DeviceError) in
            UInt64(try box.macAddress()[5])
        },
        Call(0x0001_0004, 0x1000_0000_0000_0007) { _ in
            [7, 0x1000_0000]
        } _: { (box) throws(DeviceError) in
            try box.serialNumber()
        },
        Call(0x0001_0005, 0x3B40_0000) { _ in
            [0, 0x3B40_0000]
        } _: { (box) throws(DeviceError) in
            try box.armMemory().upperBound
        },
        Call(0x0001_0006, 0x3B40_0000) { _ in
            [0x3B40_0000, 0x04C0_0000]
        } _: { (box) throws(DeviceError) in
            try box.videoCoreMemory().lowerBound
        },
        Call(0x0002_8001, 1) {
            [$0[0], $0[1] != 0 ? 1 : 0]
        } _: { (box) throws(DeviceError) in
            try box.setPower(.usb, isOn: true) ? 1 : 0
        },
        Call(0x0003_0002, 200_000_000) {
            [$0[0], 200_000_000]
        } _: { (box) throws(DeviceError) in
            UInt64(try box.clockRate(.emmc2))
        },
        Call(0x0003_0003, 1_036_000) {
            [$0[0], $0[0] == 1 ? 1_036_000 : 0x8000_0000]
        } _: { (box) throws(DeviceError) in
            UInt64(try box.voltage(.core))
        },
        Call(0x0003_0004, 1_800_000_000) {
            [$0[0], 1_800_000_000]
        } _: { (box) throws(DeviceError) in
            UInt64(try box.maximumClockRate(.arm))
        },
        Call(0x0003_0006, 43_779) {
            [$0[0], 43_779]
        } _: { (box) throws(DeviceError) in
            UInt64(try box.temperature())
        },
        Call(0x0003_000A, 85_000) {
            [$0[0], 85_000]
        } _: { (box) throws(DeviceError) in
            UInt64(try box.maximumTemperature())
        },
        Call(0x0003_0041, 1, unmarked: .value(1)) { _ in
            [0, 1]
        } _: { (box) throws(DeviceError) in
            try box.isHigh(.sdPowerOn) ? 1 : 0
        },
        Call(0x0003_0046, 0x5_0005) { _ in
            [0x5_0005]
        } _: { (box) throws(DeviceError) in
            UInt64(try box.throttleStatus().rawValue)
        },
        Call(0x0003_0047, 500_000_992) {
            [$0[0], 500_000_992]
        } _: { (box) throws(DeviceError) in
            UInt64(try box.measuredClockRate(.core))
        },
        Call(0x0003_0048, 0) { _ in
            []
        } _: { (box) throws(DeviceError) in
            try box.notifyReboot()
            return 0
        },
        Call(0x0003_0064, 1) { _ in
            [1]
        } _: { (box) throws(DeviceError) in
            UInt64(try box.rebootFlags())
        },
        // A board answers 0, whatever was set.
        Call(0x0003_8064, 0) { _ in
            [0]
        } _: { (box) throws(DeviceError) in
            try box.setRebootFlags(1)
            return 0
        },
        Call(0x0003_8002, 1_500_000_000) {
            [$0[0], $0[1]]
        } _: { (box) throws(DeviceError) in
            UInt64(try box.setClockRate(.arm, to: 1_500_000_000))
        },
        Call(0x0003_8041, 0, unmarked: .value(0)) {
            [0, $0[1]]
        } _: { (box) throws(DeviceError) in
            try box.setLevel(true, of: .sdPowerOn)
            return 0
        },
        Call(0x0006_0001, 0x37F5) { _ in
            [0x37F5]
        } _: { (box) throws(DeviceError) in
            UInt64(try box.dmaChannels())
        },
    ]

    @Test(arguments: calls, FirmwareTag.Style.allCases)
    func `a call gets its answer, or says that the firmware does not know`(call: Call, style: FirmwareTag.Style) {
        let clock = VirtualClock()
        let memory = CoherentMemoryModel(count: 256, seed: 3, restlessness: 60)
        let model = MailboxModel(clock, memory: memory)
        model.tags[call.tag] = call.answer
        model.style[call.tag] = style
        // Known, and asked next: a tag that was not known must not stay behind.
        model.tags[0x0001_0001] = { _ in [0] }
        var mailbox = Driver(model, time: clock, memory: memory)
        let expected: Outcome =
            switch style {
            case .marked: .value(call.value)
            case .unmarked: call.unmarked
            case .unknown: .failed(.unsupported(""))
            // What has no answer is not missed.
            case .empty: call.tag == 0x0003_0048 ? .value(0) : .failed(.unsupported(""))
            }
        for _ in 0..<2 {
            let outcome: Outcome
            do throws(DeviceError) { outcome = .value(try call.call(&mailbox)) } catch { outcome = .failed(error) }
            #expect(outcome == expected)
        }
        #expect(model.allViolations == [])
    }

    @Test func `where the firmware does not measure a clock, what it is set to counts`() throws {
        let clock = VirtualClock()
        let memory = CoherentMemoryModel(count: 256)
        let model = MailboxModel(clock, memory: memory)
        var mailbox = Driver(model, time: clock, memory: memory)
        model.tags[0x0003_0002] = { [$0[0], 500_000_000] }
        for style in FirmwareTag.Style.allCases {
            model.style[0x0003_0047] = style
            model.tags[0x0003_0047] = { [$0[0], 0] }
            let rate = try mailbox.runningClockRate(.core)
            #expect(rate == 500_000_000)
        }
        model.style = [:]
        model.tags[0x0003_0047] = { [$0[0], 499_000_000] }
        let rate = try mailbox.runningClockRate(.core)
        #expect(rate == 499_000_000)
        model.tags[0x0003_0047] = { [$0[0], 0] }
        model.tags[0x0003_0002] = { [$0[0], 0] }
        #expect(throws: DeviceError.absent) { try mailbox.runningClockRate(.core) }
    }
}
