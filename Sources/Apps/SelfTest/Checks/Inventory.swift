import AVSMonitor
import Interfaces
import Mailbox
import MiniUART
import PL011
import PowerManagement
import RNG200
import RaspberryPi4
import Runtime
import SDHCI
import SystemTimer

/// What there is on the board, one line each, without measuring anything.
extension SelfTestRun {
    /// Every device: where it lies, whether it is there, what it says about itself.
    public func inventory() throws(TaskError) {
        try report.check("processor") { () throws(Report.Failure) in processor }
        try report.check("board") { () throws(Report.Failure) in try board() }
        try report.check("device tree") { () throws(Report.Failure) in try deviceTree() }
        for device in Board.Device.allCases {
            try report.check(device.name) { () throws(Report.Failure) in
                let place: Text = "at \(hexadecimal: UInt64(device.address), digits: 8)"
                guard device.isPresent else { throw .absent("nothing answers \(place)") }
                return "\(place)\(try details(device))"
            }
        }
        try report.check("card") { () throws(Report.Failure) in try cardIdentity() }
        if case .inserted = card {
            try report.check("card registers") { () throws(Report.Failure) in try cardRegisters() }
        }
    }

    // MARK: Processor and board

    private var processor: Text {
        let identification = Processor.identification
        let revision: Text = "r\(identification >> 20 & 15)p\(identification & 15)"
        let name: StaticString = identification >> 4 & 0xfff == 0xd08 ? "Cortex-A72" : "core"
        return """
            \(name) \(revision), MIDR \(hexadecimal: identification, digits: 8), \
            counter \(frequency: Processor.counterFrequency)
            """
    }

    private func board() throws(Report.Failure) -> Text {
        try ask { firmware throws(DeviceError) in
            let revision = try firmware.boardRevision()
            let serial = try firmware.serialNumber()
            let mac = try firmware.macAddress()
            var text: Text = "revision \(hexadecimal: UInt64(revision.rawValue), digits: 6)"
            if let size = revision.memorySize { text.append(", \(size: size)") }
            text.append(", serial \(hexadecimal: serial, digits: 16), MAC ")
            for index in 0..<6 {
                if index > 0 { text.append(":") }
                text.append(Text(hexadecimal: mac[index]))
            }
            if Board.isEmulated { text.append(", emulated by QEMU") }
            return text
        }
    }

    /// What the loader passed in x0.
    private func deviceTree() throws(Report.Failure) -> Text {
        switch Board.passedTree {
        case .none: throw .absent("the loader passed none; the firmware is asked instead")
        case .unreadable(let place): throw .failed("unreadable, at \(hexadecimal: place.lowerBound)")
        case .readable(let place, let model):
            let size = place.upperBound - place.lowerBound
            return "\(size) bytes at \(hexadecimal: place.lowerBound), for \(model ?? "a board without a name")"
        }
    }

    /// Asks the firmware.
    func ask(_ question: (inout Board.Firmware) throws(DeviceError) -> Text) throws(Report.Failure) -> Text {
        do throws(DeviceError) { return try Board.askFirmware(question) } catch { throw Report.Failure(error) }
    }

    // MARK: Devices

    /// What `device`, which answers, says; begins with a comma.
    private func details(_ device: Board.Device) throws(Report.Failure) -> Text {
        switch device {
        case .interruptController:
            let size = Board.interruptControllerSize
            return ", \(size.interrupts) interrupts, \(size.processors) processors"
        case .systemTimer: return ", \(Board.systemTimer.microseconds) us since power-on"
        case .mailbox:
            return try ask { firmware throws(DeviceError) in ", firmware of \(try firmware.firmwareRevision())" }
        case .powerManagement: return powerManagement
        case .rng: return try random()
        case .gpio: return Board.isActivityLEDLit ? ", LED on" : ", LED off"
        case .uart: return unsafe line(Board.console.statistics)
        case .thermometer: return try thermometer()
        default: return ""
        }
    }

    private var powerManagement: Text {
        let report = Board.bootReport
        let status = report.resetStatus
        var text: Text = ", last reset by"
        if status.wasPowerOn { text.append(" power-on") }
        if status.wasWatchdog { text.append(" watchdog") }
        if status.wasSoftware { text.append(" software") }
        if !(status.wasPowerOn || status.wasWatchdog || status.wasSoftware) { text.append(" an unknown cause") }
        let source: StaticString = report.isFromFirmware ? "as the firmware found it" : "PM_RSTS"
        text.append(" (\(hexadecimal: UInt64(status.rawValue), digits: 4), \(source))")
        if let partition = report.partition { text.append(", booted from partition \(partition)") }
        if let mode = report.bootMode { text.append(", boot mode \(mode)") }
        if report.isTrial { text.append(", on trial") }
        let longest = Board.power.longestTimeout.nanoseconds / 1_000_000_000
        text.append(", watchdog of up to \(longest) s \(Board.power.isRunning ? "armed" as Text : "not armed")")
        return text
    }

    private func line(_ statistics: ConsoleStatistics) -> Text {
        let lost = statistics.receiveDropped + statistics.transmitDropped + statistics.overruns
        let errors = statistics.framingErrors + statistics.parityErrors
        return """
            , \(Board.baud) baud, received \(statistics.received), sent \(statistics.sent), lost \(lost), \
            line errors \(errors), breaks \(statistics.breaks)
            """
    }

    private func random() throws(Report.Failure) -> Text {
        var bytes = [UInt8](repeating: 0, count: 64)
        do throws(DeviceError) {
            let source = try Board.openEntropySource()
            var span = bytes.mutableSpan
            var raw = unsafe span.mutableBytes
            try source.fill(&raw)
        } catch {
            throw Report.Failure(error)
        }
        var ones = 0
        for byte in bytes { ones += byte.nonzeroBitCount }
        // 512 fair coins stay within 6 standard deviations.
        guard (188...324).contains(ones) else { throw .failed("\(ones) ones in 512 bits") }
        return ", 64 bytes, \(ones) ones in 512 bits, health good"
    }

    private func thermometer() throws(Report.Failure) -> Text {
        do throws(DeviceError) {
            let value = try Board.openThermometer().millidegreesCelsius()
            return ", \(celsius: value)"
        } catch {
            throw Report.Failure(error)
        }
    }

    // MARK: Card

    private func cardIdentity() throws(Report.Failure) -> Text {
        let slot: Board.CardSlot
        switch self.card {
        case .inserted(let found, _): slot = found
        case .missing(let error): throw Report.Failure(error)
        }
        guard let card = slot.card else { throw .absent("the card was taken out") }
        let identity = card.identity
        var name: [UInt8] = []
        for index in 0..<5 where (0x20..<0x7f).contains(identity.name[index]) { name.append(identity.name[index]) }
        let kind: StaticString = !card.isHighCapacity ? "SDSC" : card.blockCount > 1 << 26 ? "SDXC" : "SDHC"
        let way: StaticString = slot.usesDMA ? "ADMA2" : "by the port"
        return """
            \(kind) \(size: card.blockCount * 512), manufacturer \(hexadecimal: UInt64(identity.manufacturer), digits: 2), \
            product "\(name)" \(identity.revision.major).\(identity.revision.minor), \
            serial \(hexadecimal: UInt64(identity.serialNumber), digits: 8), made \(identity.year)-\(identity.month), \
            \(slot.isFourBits ? 4 : 1) bit, \(frequency: UInt64(slot.clockRate)), \(slot.mode.name), \(way)
            """
    }

    /// The card's registers as they are: what a person who knows cards wants to see of one that makes trouble.
    func cardRegisters() throws(Report.Failure) -> Text {
        guard case .inserted(let slot, _) = self.card, let card = slot.card else { throw .absent("no card") }
        var text: Text = "CID \(register(card.identity.words)), CSD \(register(card.specificData.words))"
        if let configuration = card.configuration {
            text.append(", SCR \(hexadecimal: configuration.rawValue, digits: 16)")
        }
        text.append(", OCR \(hexadecimal: UInt64(card.operatingConditions), digits: 8)")
        text.append(", RCA \(hexadecimal: UInt64(card.address), digits: 4)")
        if card.specificData.isPermanentlyWriteProtected { text.append(", write protected for ever") }
        if card.specificData.isTemporarilyWriteProtected { text.append(", write protected") }
        let statistics = slot.statistics
        text.append(", \(statistics.retries) retries, identified anew \(statistics.reidentifications) times")
        return text
    }

    private func register(_ words: [4 of UInt32]) -> Text {
        var text: Text = ""
        for index in (0..<4).reversed() {
            text.append("\(hexadecimal: UInt64(words[index]), digits: 8)\(index > 0 ? " " as Text : "")")
        }
        return text
    }
}
