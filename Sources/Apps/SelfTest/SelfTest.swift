import Interfaces
import RaspberryPi4
import Runtime

@main
struct SelfTest {
    static func work(_ name: StaticString, _ ms: UInt64) throws(TaskError) {
        for round in 0..<3 {
            print("\(name) round \(round) at \(SystemTime.now.nanoseconds / 1_000_000)")
            try Task.sleep(for: .milliseconds(ms))
        }
    }
    static func deep(_ n: Int) -> Int { n == 0 ? 0 : 1 + deep(n - 1) &* 3 }
    static func main() {
        Board.start()
        print("tasks start, heap \(Memory.statistics.capacity >> 20) MiB")
        do throws(TaskError) {
            let a = try Task.spawn("a") { () throws(TaskError) in try work("a", 100) }
            let b = try Task.spawn("b") { () throws(TaskError) in try work("b", 150) }
            try a.join()
            try b.join()
            Tasks.forEach { print("\($0.name) stack \($0.stackUsed) deepest \($0.stackDeepest) switches \($0.switches)") }
            let c = try Task.spawn("deep") { () throws(TaskError) in print("deep \(deep(100000000))") }
            Interrupts.forEach { print("\($0) \($1) \($2)") }
            try c.join()
        } catch {}
    }
}
