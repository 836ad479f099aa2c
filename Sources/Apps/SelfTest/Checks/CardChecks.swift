import Interfaces
import RaspberryPi4
import Runtime
import Storage

/// The LED, and what lies on the card.
extension SelfTestRun {
    func checkLED() throws(TaskError) {
        try report.check("led") { () throws(Report.Failure) in
            let before = Board.isActivityLEDLit
            defer { Board.setActivityLED(before) }
            for isLit in [true, false, true, false] {
                Board.setActivityLED(isLit)
                try sleep(until: SystemTime.now + .milliseconds(100))
                guard Board.isActivityLEDLit == isLit else {
                    throw .failed("the pin does not follow")
                }
            }
            return "blinked twice: did you see it?"
        }
    }

    func checkCardContent() throws(TaskError) {
        guard case .inserted(_, let device) = card else { return }
        try report.check("card speed") { () throws(Report.Failure) in try measure(device) }
        try report.check("partitions") { () throws(Report.Failure) in try partitions(device) }
        try report.check("file system") { () throws(Report.Failure) in try fileSystem(device) }
    }

    private func measure(_ device: any BlockDevice) throws(Report.Failure) -> Text {
        let blockSize = device.geometry.blockSize
        let perCall = (64 << 10) / blockSize
        let calls = min(16, Int(device.geometry.blockCount) / perCall)
        guard calls > 0 else { throw .failed("the card is smaller than 64 KiB") }
        var buffer = [UInt8](repeating: 0, count: perCall * blockSize)
        let start = SystemTime.now
        do throws(BlockError) {
            for call in 0..<calls {
                var span = buffer.mutableSpan
                var bytes = unsafe span.mutableBytes
                try device.read(UInt64(call * perCall), into: &bytes)
            }
        } catch {
            throw Report.Failure(error)
        }
        let time = max(1, (SystemTime.now - start).nanoseconds)
        let bytes = UInt64(calls * perCall * blockSize)
        return "\(size: bytes) read in \(microseconds: time), \(bytes * 1_000_000 / time) KB/s"
    }

    private func partitions(_ device: any BlockDevice) throws(Report.Failure) -> Text {
        let table: PartitionTable
        do throws(PartitionError) {
            table = try PartitionTable(device)
        } catch {
            if case .device(let error) = error { throw Report.Failure(error) }
            throw .absent("\(error.description)")
        }
        var text: Text
        switch table.scheme {
        case .none: text = "none, a file system on the whole card"
        case .mbr: text = "MBR"
        case .gpt: text = "GPT"
        }
        for entry in table.entries {
            let size = entry.blocks.upperBound - entry.blocks.lowerBound
            text.append("; \(entry.number): \(size: size * UInt64(device.geometry.blockSize))")
            if case .mbr(let type) = entry.kind { text.append(" type \(hexadecimal: UInt64(type), digits: 2)") }
        }
        if let defect = table.defect { throw .failed("\(text); \(defect.description)") }
        return text
    }

    private func fileSystem(_ device: any BlockDevice) throws(Report.Failure) -> Text {
        let text: Text?
        do throws(FileError) {
            text = try SelfTestRun.firstVolume(device).map { (volume) throws(FileError) in
                try SelfTestRun.describe(volume)
            }
        } catch {
            throw .failed("\(error.description)")
        }
        guard let text else { throw .absent("no partition that holds one and lies on the card") }
        return text
    }

    private static func describe(_ volume: FATVolume) throws(FileError) -> Text {
        let clusterSize = UInt64(volume.clusterSize)
        let size = UInt64(volume.clusterCount) * clusterSize
        let state: StaticString = try volume.wasCleanlyUnmounted() ? "clean" : "not cleanly unmounted"
        return """
            FAT\(volume.bits) "\(try volume.label())", \(size: size), clusters of \(size: clusterSize), \(state)
            """
    }

    /// The first FAT volume on `device`; nil when there is none.
    private static func firstVolume(_ device: any BlockDevice) throws(FileError) -> FATVolume? {
        guard let table = try? PartitionTable(device) else { return nil }
        if case .none = table.scheme { return try FATVolume(device, readOnly: true) }
        for entry in table.entries where entry.kind.suggestsFAT {
            if let partition = try? Partition(device, entry) { return try FATVolume(partition, readOnly: true) }
        }
        return nil
    }
}
