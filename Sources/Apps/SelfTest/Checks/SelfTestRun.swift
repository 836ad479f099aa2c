import Interfaces
import RaspberryPi4
import Runtime

/// Walks the board: what there is, and how well it does. Reads the card and never writes to it.
public struct SelfTestRun {
    let report: Report
    let card: CardUnderTest
    let openEthernet: () throws(DeviceError) -> Ethernet?

    /// A run that tells `report` what it finds. Without a card, `card` says why. `ethernet` gives the Ethernet, which some task looks after, when
    /// the rest of the report is there; nil where it is to be left alone.
    public init(
        _ report: Report, card: CardUnderTest,
        ethernet: @escaping () throws(DeviceError) -> Ethernet? = { () throws(DeviceError) in Board.openedEthernet }
    ) {
        self.report = report
        self.card = card
        openEthernet = ethernet
    }

    /// The whole report. Takes about two seconds, and six more for a link that does not come; throws `.cancelled` when somebody ends it.
    public func run() throws(TaskError) {
        try inventory()
        try checkFirmwareTags()
        try checkRegisters()
        try checkTime()
        try checkInterrupts()
        try checkCores()
        try checkMemory()
        try checkTasks()
        try checkLED()
        try checkCardContent()
        // Last: the driver that has met the fewest boards is to spoil nothing else.
        try checkEthernet()
        report.finish()
    }
}
