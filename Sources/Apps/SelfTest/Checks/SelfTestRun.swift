import Interfaces
import RaspberryPi4
import Runtime

/// Walks the board: what there is, and how well it does. Reads the card and never writes to it.
public struct SelfTestRun {
    let report: Report
    let card: CardUnderTest

    /// A run that tells `report` what it finds. Without a card, `card` says why.
    public init(_ report: Report, card: CardUnderTest) {
        self.report = report
        self.card = card
    }

    /// The whole report. Takes about two seconds; throws `.cancelled` when somebody ends it.
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
        report.finish()
    }
}
