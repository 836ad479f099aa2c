import Interfaces
import RaspberryPi4
import Runtime
import SelfTestChecks
import Settings
import ShellCore
import Storage

/// The card and the first FAT volume on it, or why there is none. Whatever is wrong with it, the shell works.
final class Card {
    /// The controller; nil when no card was found.
    private(set) var slot: Board.CardSlot?
    /// The card for everybody: requests wait in a queue.
    private(set) var device: SharedBlockDevice?
    /// Why there is none.
    private var error = BlockError(.absent)
    /// The volume whose files the commands see.
    private(set) var volume: FATVolume?
    /// What became of the card, in one line.
    private(set) var summary: Text = "not looked for yet"
    /// The settings on it.
    private(set) var settings = CardSettings(nil)
    /// The store takes one change at a time, and sessions are several.
    private let turn = Mutex(0)

    /// Finds the card and mounts the first FAT volume on it.
    func mount() {
        find()
        Logger(label: "card").info(summary)
        settings = CardSettings(device, volume: volume)
        useSettings()
        countAhead()
    }

    /// Counts the free clusters while nothing else is to do, so that nobody waits for that later.
    private func countAhead() {
        guard let volume else { return }
        // Without memory for a task, `df` counts.
        try? Task.spawn("free space", priority: .low) { () throws(TaskError) in
            _ = try? volume.freeClusterCount()
        }.detach()
    }

    private func find() {
        do throws(BlockError) {
            let slot = try Board.openCard()
            self.slot = slot
            let device = SharedBlockDevice(slot)
            self.device = device
            summary = mount(device)
        } catch {
            self.error = error
            summary = error.cause == .absent ? "none" : "unusable: \(FileError.device(error).description)"
        }
    }

    private func useSettings() {
        let settings = settings.settings
        for problem in settings.problems { Logger(label: "settings").warning("\(problem)") }
        if let level = LogLevel(rawValue: settings.logLevel) { unsafe Log.level = level }
        if let level = LogLevel(rawValue: settings.consoleLevel) { unsafe Log.consoleLevel = level }
    }

    /// Changes settings when it is the session's turn.
    func changeSettings(_ change: (CardSettings) throws(SettingsError) -> Void) throws(CommandError) {
        var failure: SettingsError?
        let isDone = inTurn { do throws(SettingsError) { try change(settings) } catch { failure = error } }
        guard isDone else { throw .cancelled }
        if let failure { throw .failed("\(failure.description)") }
    }

    /// Runs `body`, which uses the store, when it is the task's turn. False when the task was cancelled before.
    func inTurn(_ body: () -> Void) -> Bool {
        do throws(TaskError) {
            try turn.withLock { _ in body() }
            return true
        } catch {
            return false
        }
    }

    /// The card for a report.
    var underTest: CardUnderTest {
        guard let slot, let device else { return .missing(error) }
        return .inserted(slot, device)
    }

    /// Makes durable what was written, before the board goes off. Whatever goes wrong: it does go off.
    func unmount() {
        do throws(FileError) {
            try volume?.unmount()
        } catch {
            Logger(label: "card").warning("\(error.description)")
        }
    }

    private func mount(_ device: SharedBlockDevice) -> Text {
        let size: Text = "\(size: device.geometry.blockCount * UInt64(device.geometry.blockSize))"
        let table: PartitionTable
        do throws(PartitionError) {
            table = try PartitionTable(device)
        } catch {
            return "\(size), nothing readable on it: \(error.description)"
        }
        if case .none = table.scheme { return "\(size), \(mount(device, "no partitions"))" }
        var complaint: Text = "no partition with a FAT file system"
        for entry in table.entries where entry.kind.suggestsFAT {
            do throws(PartitionError) {
                let text = mount(try Partition(device, entry), "partition \(entry.number)")
                if volume != nil { return "\(size), \(text)" }
                complaint = text
            } catch {
                complaint = "\(error.description)"
            }
        }
        return "\(size), \(complaint)"
    }

    private func mount(_ device: any BlockDevice, _ place: Text) -> Text {
        do throws(FileError) {
            let volume = try FATVolume(device, exclusion: TaskExclusion()) {
                WallClock.seconds.map { FATTimestamp(secondsSince1970: $0) }
            }
            let label = try volume.label()
            self.volume = volume
            return "\(place): FAT\(volume.bits) \(label)"
        } catch {
            return "\(place): \(error.description)"
        }
    }
}
