import Interfaces
import Runtime
import Settings
import ShellCore

// settings, get, set, unset: what is set on the card, and where.

extension Command {
    static var settings: Command {
        Command(name: "settings", usage: "", help: "every setting, its value and where that comes from") {
            (session, words) throws(CommandError) in
            guard words.isEmpty else { throw .usage }
            let settings = session.shell.card.settings.settings
            for setting in Setting.allCases {
                let value = settings.value(of: setting)
                let origin: StaticString = value?.origin.name ?? "not set"
                let text = Text(value?.text ?? [])
                session.line(
                    "\("\(setting.name)", left: 16) \("\(text)", left: 24) \("\(origin)", left: 10) \(setting.help)")
            }
            for problem in settings.problems { session.line("\(problem)") }
        }
    }

    static var get: Command {
        Command(name: "get", usage: "setting", help: "show the value of a setting", arguments: settingNames) {
            (session, words) throws(CommandError) in
            guard words.count == 1 else { throw .usage }
            let setting = try named(words[0])
            guard let value = session.shell.card.settings.settings.value(of: setting) else {
                throw .failed("\(setting.name): not set")
            }
            session.line("\(value.text)")
        }
    }

    static var set: Command {
        Command(
            name: "set", usage: "setting value...", help: "keep a setting in the card's store, from the next start on",
            arguments: settingNames
        ) { (session, words) throws(CommandError) in
            guard words.count >= 2 else { throw .usage }
            let setting = try named(words[0])
            let value = [UInt8](words[1...].joined(separator: [ASCII.space]))
            try session.shell.card.changeSettings { (card) throws(SettingsError) in try card.set(setting, to: value) }
            warn(setting, in: session)
        }
    }

    static var unset: Command {
        Command(
            name: "unset", usage: "setting", help: "take a setting out of the card's store", arguments: settingNames
        ) { (session, words) throws(CommandError) in
            guard words.count == 1 else { throw .usage }
            let setting = try named(words[0])
            try session.shell.card.changeSettings { (card) throws(SettingsError) in try card.unset(setting) }
            warn(setting, in: session)
        }
    }

    private static var settingNames: ArgumentKind { .words(Setting.allCases.map { $0.name }) }

    private static func named(_ word: [UInt8]) throws(CommandError) -> Setting {
        guard let setting = Setting(word) else {
            throw .failed("\(VisibleText.bytes(word)): no such setting; `settings` lists them")
        }
        return setting
    }

    /// Says so when the person's file makes a change of the store ineffective.
    private static func warn(_ setting: Setting, in session: Session) {
        if let value = session.shell.card.settings.settings.value(of: setting), value.origin == .file {
            session.line("\(Settings.fileName) on the card says \(value.text), and wins.")
        }
    }
}
