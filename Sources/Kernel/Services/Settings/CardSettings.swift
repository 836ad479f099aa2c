import Interfaces
import KeyValue
import Storage

/// The settings on a card: finds the store and `apus.json`, yields what they say, and changes the store.
///
///     let card = CardSettings(device)        // a whole card; `CardSettings(nil)` without one
///     let name = card.settings.hostName
///
/// Never fails: whatever is missing or damaged counts as not set, and `settings.problems` says what it is. Belongs to one
/// task at a time, as the store does.
public final class CardSettings {
    /// The settings as they are now.
    public private(set) var settings = Settings()
    /// The store, for state of other kinds too; nil when the card has none that can be used.
    public private(set) var store: KeyValueStore?
    /// The partition that the store is on, or should be.
    public private(set) var partition: Partition?

    /// Reads the settings on `device`. `volume` is the file system that `apus.json` is looked for on: the first one on the
    /// card unless it was mounted already.
    public init(_ device: (any BlockDevice)?, volume: FATVolume? = nil) {
        guard let device else { return }
        var volume = volume
        let table = try? PartitionTable(device)
        for entry in table?.entries ?? [] {
            if entry.kind.suggestsStore, partition == nil {
                partition = try? Partition(device, entry)
            } else if entry.kind.suggestsFAT, volume == nil, let place = try? Partition(device, entry) {
                volume = try? FATVolume(place)
            }
        }
        if volume == nil { volume = try? FATVolume(device) }
        if let partition { mount(partition) }
        if let volume { read(volume) }
    }

    private func mount(_ partition: Partition) {
        do throws(KeyValueError) {
            let store = try KeyValueStore(partition)
            self.store = store
            if let recovery = store.recovery {
                settings.problems.append("the store on the card: " + recovery.description)
                // What cannot be written now is as it was, and the next start tries again.
                if !store.isReadOnly { try? store.mend() }
            }
            for setting in Setting.allCases {
                guard let text = try store.value(for: setting.name.bytes) else { continue }
                if !settings.set(setting, text, .store) {
                    settings.problems.append(
                        "the store: " + setting.name.description + " is " + setting.form.description)
                }
            }
        } catch {
            settings.problems.append("the store on the card: " + error.description)
        }
    }

    private func read(_ volume: FATVolume) {
        do throws(FileError) {
            settings.read(file: try volume.contents(of: Settings.fileName, limit: Settings.maximumFileSize))
        } catch {
            if case .notFound = error { return }
            settings.problems.append(error.description)
        }
    }

    // MARK: Changing

    /// Sets `setting` in the store, durably. The value counts from now on, unless `apus.json` has another. Throws `invalid`
    /// when `text` is no value of this setting.
    public func set(_ setting: Setting, to text: [UInt8]) throws(SettingsError) {
        guard let value = setting.normalized(text) else { throw .invalid(setting) }
        try change { (store) throws(KeyValueError) in try store.put(value, for: setting.name.bytes) }
        settings.set(setting, value, .store)
    }

    /// Takes `setting` out of the store, durably.
    public func unset(_ setting: Setting) throws(SettingsError) {
        try change { (store) throws(KeyValueError) in try store.delete(setting.name.bytes) }
        settings.set(setting, nil, .store)
    }

    private func change(_ body: (KeyValueStore) throws(KeyValueError) -> Void) throws(SettingsError) {
        guard let store else { throw .noStore }
        do throws(KeyValueError) { try body(store) } catch { throw .store(error) }
    }
}

/// Why a setting was not changed.
public enum SettingsError: Error, Equatable, Sendable {
    /// The text is no value of this setting.
    case invalid(Setting)
    /// The card has no partition for a store, or one that is damaged.
    case noStore
    /// The store did not take it.
    case store(KeyValueError)
}

extension SettingsError: CustomStringConvertible {
    /// One line for a person, without a full stop.
    public var description: String {
        switch self {
        case .invalid(let setting): setting.name.description + " is " + setting.form.description
        case .noStore: "there is no store on the card to keep it in; `apus image` makes cards with one"
        case .store(let error): "the store on the card: " + error.description
        }
    }
}
