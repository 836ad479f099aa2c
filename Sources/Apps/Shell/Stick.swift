import Interfaces
import RaspberryPi4
import RaspberryPi4USB
import Runtime
import Storage
import USBStorage

/// The disk on USB and the first FAT volume on it, shared by the sessions.
final class Stick {
    private var volume: FATVolume?

    /// The volume of the disk that is plugged in: the one that is mounted, as long as its disk is there.
    func mount() throws(CommandError) -> FATVolume {
        let disk = try Stick.disk()
        if let volume, disk.geometry.blockCount > 0 { return volume }
        volume = nil
        do throws(BlockError) { try disk.open() } catch { throw .failed("no disk is plugged in") }
        do throws(FileError) {
            let mounted = try FATVolume(firstOn: SharedBlockDevice(disk), exclusion: TaskExclusion()) {
                WallClock.seconds.map { FATTimestamp(secondsSince1970: $0) }
            }
            volume = mounted
            return mounted
        } catch {
            throw .failed("\(error.description)")
        }
    }

    private static func disk() throws(CommandError) -> Board.USBDisk {
        do throws(DeviceError) { return try Board.openUSBDisk() } catch { throw .failed("USB: \(error)") }
    }

    /// Makes durable what was written, and marks the disk as whole: it may be unplugged then.
    func unmount() throws(CommandError) {
        guard let volume else { return }
        self.volume = nil
        do throws(FileError) { try volume.unmount() } catch { throw .failed("\(error.description)") }
    }
}
