import PowerManagement
import Testing

@testable import RaspberryPi4

@Suite struct BootReportTests {
    private func report(_ chosen: String, register: UInt32) throws -> BootReport {
        try BoardTree.with("/ { \(chosen) };") { BootReport($0.chosen, register: ResetStatus(rawValue: register)) }
    }

    @Test func `the cause of the reset is what the firmware has found, which clears the register`() throws {
        let report = try report(
            "chosen { bootloader { rsts = <0x1020>; partition = <3>; tryboot = <1>; boot-mode = <2>; }; };", register: 0
        )
        #expect(report.resetStatus.rawValue == 0x1020 && report.isFromFirmware)
        #expect(report.partition == 3 && report.bootMode == 2 && report.isTrial)
    }

    @Test(arguments: ["", "chosen { };", "chosen { bootloader { }; };", "chosen { bootloader { rsts = <1 2>; }; };"])
    func `where the tree says nothing it is what the register has`(chosen: String) throws {
        let report = try report(chosen, register: 0x1000)
        #expect(report.resetStatus.wasPowerOn && !report.isFromFirmware)
        #expect(report.partition == nil && report.bootMode == nil && !report.isTrial)
    }
}
