import Interfaces
import RaspberryPi4
import Runtime
import SelfTestChecks

/// Prints a report about the board that can be sent to somebody, saves it on the card when asked to, and turns the board off.
@main
struct SelfTest {
    static func main() {
        Board.start()
        print(Image.note)
        let copy = ReportCopy()
        let report = Report { line in
            print(line)
            copy.add(line)
        }
        let card = openCard()
        do throws(TaskError) {
            try SelfTestRun(report, card: card) { () throws(DeviceError) in try openEthernet() }.run()
            try offerToSave(copy, on: card)
        } catch {
            print("selftest: not enough memory")
        }
    }

    private static func openCard() -> CardUnderTest {
        do throws(BlockError) {
            let slot = try Board.openCard()
            return .inserted(slot, slot)
        } catch {
            return .missing(error)
        }
    }

    /// The Ethernet, looked after by a task, which throws away what arrives.
    private static func openEthernet() throws(DeviceError) -> Ethernet? {
        let ethernet = try Board.openEthernet()
        do throws(TaskError) {
            try Task.spawn("ethernet") { () throws(TaskError) in
                while true {
                    for _ in 0..<Ethernet.batch where ethernet.nextFrame() == nil { break }
                    try ethernet.waitForWork()
                }
            }.detach()
        } catch { throw .unsupported("memory for a task") }
        return ethernet
    }

    // MARK: The file

    private static let file = "SELFTEST.TXT"
    /// How long the board waits for the key before it goes off.
    private static let patience: UInt64 = 30

    /// Waits for a key, which may have been pressed during the report already.
    private static func offerToSave(_ copy: ReportCopy, on card: CardUnderTest) throws(TaskError) {
        print("Press s within \(patience) seconds to save this report on the card as \(file), or q to end.")
        let deadline = SystemTime.now + .seconds(patience)
        while let key = nextKey(until: deadline) {
            switch key | 0x20 {
            case 0x73: return save(copy, on: card)
            case 0x71: return
            default: continue
            }
        }
    }

    private static func nextKey(until deadline: Instant) -> UInt8? {
        unsafe try? Board.console.readByte(until: deadline)
    }

    private static func save(_ copy: ReportCopy, on card: CardUnderTest) {
        do throws(SaveError) {
            try copy.save(on: card, file)
            print("saved: \(file), \(copy.bytes.count) bytes")
        } catch {
            print("not saved: \(error.description)")
        }
    }

    /// Shows `text` and a newline on the console.
    private static func print(_ text: Text) {
        for byte in text.bytes { StandardOutput.put(byte) }
        StandardOutput.put(0x0a)
    }
}
