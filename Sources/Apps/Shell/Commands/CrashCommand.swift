import Runtime
import ShellCore

// crash: ends the program in a chosen way, to see what is said then.

extension Command {
    static var crash: Command {
        Command(
            name: "crash", usage: "[kind]", help: "end the program by a mistake; without a kind, list them",
            arguments: .words(CrashKind.all.map { $0.name })
        ) { (session, words) throws(CommandError) in
            guard words.count <= 1 else { throw .usage }
            guard let name = words.first else {
                for kind in CrashKind.all { session.line("\("\(kind.name)", left: 18)\(kind.help)") }
                return
            }
            guard let kind = CrashKind.all.first(where: { $0.name.equals(name) }) else {
                throw .failed("\(name): no such kind; `crash` lists them")
            }
            kind.run()
            throw .failed("\(kind.name): nothing stopped it")
        }
    }
}
