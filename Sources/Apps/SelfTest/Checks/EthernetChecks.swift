import BCM54213PE
import GENET
import Interfaces
import RaspberryPi4
import Runtime

/// The on-board Ethernet: its link, its PHY, and how fast frames leave it.
extension SelfTestRun {
    /// How long a link may take: two ends that negotiate need two to four seconds.
    private static let patience = Interval.seconds(6)
    /// How long frames are sent.
    private static let duration = Interval.milliseconds(200)
    private static let frameLength = 1514

    func checkEthernet() throws(TaskError) {
        var opened: Ethernet?
        try report.check("ethernet") { () throws(Report.Failure) in
            do throws(DeviceError) { opened = try openEthernet() } catch { throw Report.Failure(error) }
            guard let ethernet = opened else { throw .absent("nobody has opened it") }
            return try awaitLink(ethernet)
        }
        guard let ethernet = opened else { return }
        try report.check("ethernet phy") { () throws(Report.Failure) in try phyRegisters(ethernet) }
        guard ethernet.link.isUp else { return }
        try report.check("ethernet speed") { () throws(Report.Failure) in try sendingRate(ethernet) }
    }

    private func awaitLink(_ ethernet: Ethernet) throws(Report.Failure) -> Text {
        let start = SystemTime.now
        while !ethernet.link.isUp, SystemTime.now < start + Self.patience {
            try sleep(until: SystemTime.now + .milliseconds(10))
        }
        guard ethernet.link.isUp else { throw .absent("no link within \(Self.patience.nanoseconds / 1_000_000) ms") }
        return
            "\(ethernet.link), within \((SystemTime.now - start).nanoseconds / 1_000_000) ms of the start of this check"
    }

    // MARK: PHY

    /// What sources disagree about, as the driver has left it: identity, negotiation, outcome; then what lies behind windows: delays, fall-back
    /// and MDI-X (auxiliary 7), transmit delay (shadow 3), power saving (shadows 5 and a), lamps (9, d, e, 0f04), energy efficient modes (7.60).
    private func phyRegisters(_ ethernet: Ethernet) throws(Report.Failure) -> Text {
        do throws(DeviceError) {
            return try ethernet.controller.withPHY { phy throws(DeviceError) in
                var text: Text = "\(hexadecimal: UInt64(phy.identifier), digits: 8) at \(UInt64(phy.address ?? 0))"
                for index in 0..<32 where Self.looksAt(0x0203_8673, index) {
                    text.append(", +\(hexadecimal: UInt64(index)) ")
                    text.append("\(hexadecimal: UInt64(try phy.register(UInt8(index))), digits: 4)")
                }
                text.append("; auxiliary")
                for index in 0..<8 where Self.looksAt(0x97, index) {
                    text.append(" +\(index) \(hexadecimal: UInt64(try phy.auxiliary(UInt8(index))), digits: 4)")
                }
                text.append("; shadow")
                for index in 0..<32 where Self.looksAt(0x6628, index) {
                    text.append(" +\(hexadecimal: UInt64(index)) ")
                    text.append("\(hexadecimal: UInt64(try phy.shadow(UInt8(index))), digits: 3)")
                }
                text.append("; expansion 0xf04 \(hexadecimal: UInt64(try phy.expansion(0xf04)), digits: 4)")
                text.append("; 7.60 \(hexadecimal: UInt64(try phy.offeredEnergyEfficiency()), digits: 4)")
                return text
            }
        } catch {
            throw Report.Failure(error)
        }
    }

    /// Whether the bit of `index` is set. (A set of numbers, since a function may hold only one literal of an array.)
    private static func looksAt(_ set: UInt32, _ index: Int) -> Bool { set >> UInt32(index) & 1 != 0 }

    // MARK: Speed

    /// Sends frames from this interface to itself, which a switch forwards to nobody, as fast as they leave. From the moment on at which the ring
    /// is full, each one that finds room stands for one that has left.
    private func sendingRate(_ ethernet: Ethernet) throws(Report.Failure) -> Text {
        let before = ethernet.statistics
        let start = SystemTime.now
        var (sent, full): (Int, (count: Int, time: Instant)?) = (0, nil)
        while SystemTime.now < start + Self.duration {
            if try send(ethernet) {
                sent += 1
                continue
            }
            if full == nil { full = (sent, SystemTime.now) }
            try sleep(until: SystemTime.now + .milliseconds(1))
        }
        let from = full ?? (0, start)
        let nanoseconds = max(1, (SystemTime.now - from.time).nanoseconds)
        guard sent > from.count else { throw .failed("no frame leaves: \(sent) wait") }
        let bits = UInt64((sent - from.count) * Self.frameLength * 8)
        let after = ethernet.statistics
        return """
            \(bits * 1000 / nanoseconds) Mb/s out, in \(sent) frames of \(Self.frameLength) bytes to itself; \
            meanwhile \(after.receivedFrames &- before.receivedFrames) received, \(after.restarts) restarts
            """
    }

    /// Whether there was room for one.
    private func send(_ ethernet: Ethernet) throws(Report.Failure) -> Bool {
        let own = ethernet.hardwareAddress
        do throws(NetworkError) {
            try ethernet.transmit(Self.frameLength) { frame in
                for index in 0..<6 {
                    let byte = UInt8(truncatingIfNeeded: own.bits >> UInt64(40 - 8 * index))
                    frame.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
                    frame.storeBytes(of: byte, toByteOffset: 6 + index, as: UInt8.self)
                }
                // IEEE 802: for local experiments.
                frame.storeBytes(of: UInt16(0x88b5).bigEndian, toByteOffset: 12, as: UInt16.self)
                for index in 14..<Self.frameLength { frame.storeBytes(of: 0, toByteOffset: index, as: UInt8.self) }
            }
            return true
        } catch {
            switch error {
            case .full: return false
            case .linkDown: throw .failed("the link was lost")
            default: throw .failed("the controller takes no frame")
            }
        }
    }
}
