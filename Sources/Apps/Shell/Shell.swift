import Interfaces
import MiniUART
import PL011
import RaspberryPi4
import Runtime
import Settings
import ShellCore
import Storage

/// The command line on the serial console, and on the second one if there is one.
@main
final class Shell {
    /// Everything that can be typed.
    let commands = Command.all
    /// The card and the volume on it.
    let card = Card()
    /// The disk on USB.
    let stick = Stick()
    /// The log on the card.
    private(set) lazy var logKeeper = LogKeeper(card)
    /// The network, if a command has asked for it.
    private(set) var network: ShellNetwork?
    /// Sessions over the network, if a command has asked for them.
    var remote: RemoteSessions?
    /// Where the log goes over the network, if a command has asked for it.
    var remoteLog: RunningRemoteLog?

    static func main() {
        Board.start()
        let shell = Shell()
        do throws(TaskError) {
            shell.card.mount()
            try shell.logKeeper.start()
            try shell.openSecondSession()
            let console = unsafe Board.console!
            let session = Session(shell, console, inputName: "input") { () throws(TaskError) in
                try console.readByte()
            }
            session.showBanner()
            try session.run()
        } catch {
            print("shell: there is not enough memory to run")
        }
    }

    /// Runs a session on the mini UART as a task of its own, where there is one.
    private func openSecondSession() throws(TaskError) {
        guard let console = try? Board.openSecondConsole() else { return }
        let session = Session(self, console, inputName: "input 2") { () throws(TaskError) in
            try console.readByte()
        }
        let task = try Task.spawn("shell 2") { () throws(TaskError) in
            session.showBanner()
            try session.run()
        }
        task.detach()
    }

    /// Brings everything to the card that is to be there when the board starts again.
    func putAway() {
        logKeeper.save()
        try? stick.unmount()
        card.unmount()
    }

    /// The network, started at the first call.
    func openNetwork() throws(CommandError) -> ShellNetwork {
        if let network { return network }
        let started = try ShellNetwork.start(card.settings.settings)
        network = started
        return started
    }

    /// The command that `name` names.
    func command(_ name: [UInt8]) -> Command? { commands.first { $0.name.equals(name) } }
}
