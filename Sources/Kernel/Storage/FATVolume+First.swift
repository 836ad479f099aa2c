import Interfaces

extension FATVolume {
    /// Mounts the first FAT volume on `device`: of its partitions, or the whole of it where there are none. `exclusion` and `clock` as in
    /// `init`.
    ///
    /// Throws what the last one looked at did; `notFAT` where nothing suggests a FAT volume.
    public convenience init(
        firstOn device: any BlockDevice, exclusion: (any Exclusion)? = nil,
        clock: @escaping () -> FATTimestamp? = { nil }
    ) throws(FileError) {
        var failure = FileError.notFAT("partition table")
        guard let place = Self.firstPlace(on: device, &failure) else { throw failure }
        try self.init(place, exclusion: exclusion, clock: clock)
    }

    private static func firstPlace(on device: any BlockDevice, _ failure: inout FileError) -> (any BlockDevice)? {
        guard let table = try? PartitionTable(device) else { return nil }
        if case .none = table.scheme { return device }
        for entry in table.entries where entry.kind.suggestsFAT {
            guard let place = try? Partition(device, entry) else { continue }
            do throws(FileError) {
                // Mounted to see whether it is one; nothing is written.
                _ = try FATVolume(place, readOnly: true)
                return place
            } catch { failure = error }
        }
        return nil
    }
}
