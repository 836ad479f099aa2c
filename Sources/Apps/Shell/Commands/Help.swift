import Runtime
import ShellCore

extension Command {
    static var helpCommand: Command {
        Command(name: "help", usage: "[command]", help: "this list, or how a command is used", arguments: .command) {
            (session, words) throws(CommandError) in
            guard words.count <= 1 else { throw .usage }
            guard let name = words.first else { return list(session) }
            guard let command = session.shell.command(name) else {
                throw .failed("\(name): no such command; `help` lists those there are")
            }
            session.line(command.synopsis)
            session.line("    \(command.help)")
        }
    }

    private static func list(_ session: Session) {
        for command in session.shell.commands {
            session.line("\(command.synopsis, left: 42) \(command.help)")
        }
        session.line("Arrows, Home, End, Tab and Control-A B C D E F K L U W edit the line.")
    }
}
