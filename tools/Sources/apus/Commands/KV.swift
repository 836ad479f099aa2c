import ApusKit
import ArgumentParser
import KeyValue

/// `apus kv`
struct KV: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kv",
        abstract: "Read and write the key-value store on a card: settings and state.",
        discussion: """
            IMAGE is a card image, a card's device, or a partition that holds the store. Nobody else may use it \
            meanwhile: switch the machine off that has the card.
            """,
        subcommands: [Get.self, Set.self, Delete.self, List.self, Dump.self, Import.self, Format.self, Check.self])

    /// Which store.
    struct Target: ParsableArguments {
        @Argument(help: "A card image, a card's device or a partition.")
        var image: String

        func store(isReadOnly: Bool = true) throws -> CardStore { try CardStore(path: image, isReadOnly: isReadOnly) }

        /// Runs `body` with the store, mounted for writing.
        func change(_ body: (KeyValueStore) throws(KeyValueError) -> Void) throws {
            let card = try store(isReadOnly: false)
            let store = try card.mount()
            try card.reporting { () throws(KeyValueError) in try body(store) }
        }
    }

    /// Whether damage is an error.
    struct Salvage: ParsableArguments {
        @Flag(help: "Take what can be read of a damaged store, older values among it.")
        var salvage = false
    }
}

extension KV {
    /// `apus kv get`
    struct Get: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the value of a key, as it is.")
        @OptionGroup var target: Target
        @Argument(help: "The key.") var key: String
        @OptionGroup var salvage: Salvage

        func run() throws {
            let card = try target.store()
            let store = try card.mount(salvaging: salvage.salvage)
            let value = try card.reporting { () throws(KeyValueError) in try store.value(for: key) }
            guard let value else { throw StoreError.noValue(key) }
            Descriptor.writeAll(value, to: 1)
            if Terminal.isInteractive && value.last != 0x0A { print() }
        }
    }

    /// `apus kv set`
    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give keys values, all together or not at all.",
            discussion: "Each is written KEY=VALUE. Values that are no text come in with `import`.")
        @OptionGroup var target: Target
        @Argument(help: "KEY=VALUE, once or more.") var values: [String]

        func validate() throws {
            for value in values where !value.contains("=") { throw ValidationError("\(value) is not KEY=VALUE.") }
        }

        func run() throws {
            var transaction = Transaction()
            for value in values {
                let parts = value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                transaction.put(String(parts[1]), for: String(parts[0]))
            }
            try target.change { (store) throws(KeyValueError) in try store.commit(transaction) }
        }
    }

    /// `apus kv delete`
    struct Delete: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Delete keys, all together or not at all.")
        @OptionGroup var target: Target
        @Argument(help: "The keys.") var keys: [String]

        func run() throws {
            var transaction = Transaction()
            for key in keys { transaction.delete(key) }
            try target.change { (store) throws(KeyValueError) in try store.commit(transaction) }
        }
    }

    /// `apus kv list`
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the keys.")
        @OptionGroup var target: Target
        @Argument(help: "Only keys that begin so.") var prefix = ""
        @OptionGroup var salvage: Salvage

        func run() throws {
            let store = try target.store().mount(salvaging: salvage.salvage)
            for key in store.keys(prefix: [UInt8](prefix.utf8)) { print(StoreDump.name(of: key)) }
        }
    }

    /// `apus kv dump`
    struct Dump: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print everything as JSON, which `import` takes.")
        @OptionGroup var target: Target
        @OptionGroup var salvage: Salvage

        func run() throws {
            print(try StoreDump.write(try target.store().mount(salvaging: salvage.salvage)), terminator: "")
        }
    }
}

extension KV {
    /// `apus kv import`
    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put the keys and values of a dump into the store, beside those that are there.")
        @OptionGroup var target: Target
        @Argument(help: "A file with what `dump` printed.") var file: String

        func run() throws {
            let values = try StoreDump.read(file)
            try target.change { (store) throws(KeyValueError) in
                // One commit while it fits, so that it is all or nothing for all but huge dumps.
                var transaction = Transaction()
                for (key, value) in values { transaction.put(value, for: key) }
                do throws(KeyValueError) {
                    try store.commit(transaction)
                } catch {
                    guard case .tooLarge = error else { throw error }
                    for (key, value) in values { try store.put(value, for: key) }
                }
            }
        }
    }

    /// `apus kv format`
    struct Format: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make an empty store.")
        @OptionGroup var target: Target
        @Flag(help: "Erase what is there.") var force = false

        func run() throws { try target.store(isReadOnly: false).format(force: force) }
    }

    /// `apus kv check`
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read every block and every value; status 2 if anything is damaged.")
        @OptionGroup var target: Target

        func run() throws {
            let card = try target.store()
            let store = try card.mount()
            try card.reporting { () throws(KeyValueError) in try store.forEach { (_, _) throws(KeyValueError) in } }
            let interrupted = store.statistics.foundInterruptedCommit ? ", an unfinished commit was left out" : ""
            print("\(store.count) keys, \(store.usedBytes) of \(store.capacity) bytes, no damage\(interrupted)")
        }
    }
}
