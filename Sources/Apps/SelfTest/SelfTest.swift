import Interfaces
import RaspberryPi4
import Runtime
import SelfTestChecks

/// Prints a report about the board that can be sent to somebody, and turns the board off.
@main
struct SelfTest {
    static func main() {
        Board.start()
        print(Image.note)
        let report = Report { print($0) }
        do throws(TaskError) {
            try SelfTestRun(report, card: openCard()).run()
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

    /// Shows `text` and a newline on the console.
    private static func print(_ text: Text) {
        for byte in text.bytes { StandardOutput.put(byte) }
        StandardOutput.put(0x0a)
    }
}
