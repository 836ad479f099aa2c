import Interfaces
import RaspberryPi4
import Runtime
import ShellCore

extension Session {
    /// What a person sees first.
    func showBanner() {
        line()
        line("Apus \(Note.value("version") ?? "without a note") \(Note.value("commit") ?? "")")
        line("board:  \(Machine.model)")
        line("memory: \(size: Memory.statistics.capacity)")
        line("card:   \(shell.card.summary)")
        line("Type `help`.")
        line()
    }
}
