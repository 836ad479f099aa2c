import Foundation
import Interfaces
import Models
import Testing
import USB

/// The contract of class drivers, by the driver that its page shows.
@Suite struct ClassDriverTests {
    /// A button: a byte for each press.
    private final class ButtonModel: USBFunctionModel {
        var presses = 0

        init() {
            let interface: [UInt8] = [9, 4, 0, 0, 1, 0xFF, 0, 0x42, 0] + [7, 5, 0x81, 3, 1, 0, 20]
            super.init(
                speed: 1, device: Self.descriptor(packetSize: 8),
                configurations: [Self.configuration(interfaces: 1, interface)])
        }

        override func input(_ number: UInt8, _ size: Int) -> USBAnswer {
            if presses == 0 { return .nak }
            presses -= 1
            return .data([1])
        }
    }

    @Test func `the driver of the page is the one that is tested`() throws {
        let tests = URL(filePath: #filePath).deletingLastPathComponent()
        let page = tests.appending(path: "../../Sources/Drivers/USB/USBClassDriver.swift")
        let code = try String(contentsOf: tests.appending(path: "Button.swift"), encoding: .utf8)
        let shown = try String(contentsOf: page, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false
        )
        .drop { !$0.hasPrefix("//     import") }
        .map { $0 == "//" ? "" : String($0.dropFirst(7)) }.joined(separator: "\n")
        #expect(shown.trimmingCharacters(in: .newlines) == code.trimmingCharacters(in: .newlines))
    }

    @Test func `a driver gets what it asks for, one that comes later gets what is there, and none after it has gone`()
        throws
    {
        let model = ButtonModel()
        let bench = try USBBench.started(model)
        #expect(bench.bus.devices.first?.drivers.isEmpty == true)
        let button = Button()
        bench.bus.add(button)
        bench.controller.portEvent?()
        bench.run(milliseconds: 100)
        #expect(bench.bus.devices.first?.drivers.count == 1 && bench.bus.isSettled)
        model.presses = 3
        bench.run(milliseconds: 100)
        #expect(button.presses == 3)
        bench.model.unplug()
        bench.run(milliseconds: 100)
        model.presses = 3
        bench.model.plug(model)
        bench.run(milliseconds: 1000)
        #expect(button.presses == 6)
        #expect(bench.violations == [])
    }
}
