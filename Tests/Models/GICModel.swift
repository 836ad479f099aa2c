import Interfaces

/// A GIC-400 with one processor looking at it: levels go in at the devices' side, interrupts come out at the processor interface.
///
/// It has the security extension, as the board's: what is in group 0 reads as zero to non-secure software and takes nothing from it, and
/// such software sees one enable bit, which is group 1's, and the less urgent half of the priorities (IHI 0048B 3.8, 4.3, 4.4).
public final class GICModel {
    /// The two windows.
    public enum Part: Sendable {
        /// GICD.
        case distributor
        /// GICC.
        case processorInterface
    }

    /// A window onto the model.
    public struct Window: RegisterModel {
        let model: GICModel
        let part: Part

        /// Reads a register.
        public func read(_ offset: Int) -> UInt32 {
            part == .distributor ? model.readDistributor(offset) : model.readInterface(offset)
        }

        /// Writes a register.
        public func write(_ value: UInt32, at offset: Int) {
            if part == .distributor {
                model.writeDistributor(value, offset)
            } else {
                model.writeInterface(value, offset)
            }
        }
    }

    /// Software-generated interrupts that were sent: number, filter, targets.
    public private(set) var sent: [[UInt32]] = []
    /// Interrupts ended.
    public private(set) var ended: [UInt32] = []
    /// What was done wrong so far, in words.
    public private(set) var violations: [String] = []
    /// Whether the processor is in secure state.
    public var isSecure: Bool
    /// The core that a software-generated interrupt comes from.
    public var sender: UInt32 = 0
    /// Bits of GICD_IGROUPRn.
    public private(set) var group: [Bool]
    /// Priorities as secure software sees them: five bits.
    public private(set) var priority: [UInt8]
    /// Targets.
    public private(set) var target: [UInt8]
    /// GICC_PMR.
    public private(set) var priorityMask: UInt32 = 0
    /// GICD_ICFGRn.
    public private(set) var configuration: [UInt32]

    private let count: Int
    private var enabled: [Bool]
    private var latched: [Bool]
    private var level: [Bool]
    private var active: [Bool]
    private var stack: [UInt32] = []
    private var distributorControl: UInt32 = 0
    private var interfaceControl: UInt32 = 0

    /// A controller of `count` INTIDs as an earlier stage may leave it: `isDirty` has everything enabled, active and pending.
    /// In non-secure state that stage has put every interrupt into group 1 and opened the priority mask, unless `isHandedOver` is false.
    public init(count: Int = 256, isSecure: Bool = false, isHandedOver: Bool = true, isDirty: Bool = false) {
        let isSecureAlone = isSecure || !isHandedOver
        self.count = count
        self.isSecure = isSecure
        group = Array(repeating: !isSecureAlone, count: count)
        priority = Array(repeating: 0, count: count)
        target = (0..<count).map { $0 < 32 ? 1 : 0 }
        enabled = Array(repeating: isDirty, count: count)
        latched = enabled
        active = enabled
        level = Array(repeating: false, count: count)
        configuration = Array(repeating: isDirty ? .max : 0, count: count / 16)
        priorityMask = isSecureAlone ? 0 : 0xFF
        interfaceControl = isSecureAlone ? 0 : 0x1E7
    }

    /// The distributor's window.
    public var distributor: Window { Window(model: self, part: .distributor) }
    /// The processor interface's window.
    public var processorInterface: Window { Window(model: self, part: .processorInterface) }

    /// A device raises or lowers its line.
    public func setLine(_ interrupt: UInt32, _ isHigh: Bool) { level[Int(interrupt)] = isHigh }

    /// Whether the processor is interrupted.
    public var isInterrupting: Bool { best != nil }

    /// Whether `interrupt` is enabled.
    public func isEnabled(_ interrupt: UInt32) -> Bool { enabled[Int(interrupt)] }

    // MARK: - Priorities

    private var runningPriority: UInt32 { stack.last.map { UInt32(priority[Int($0)]) } ?? 0x100 }

    private var best: Int? {
        // Bit 0 lets group 0 through, bit 1 group 1.
        let open = distributorControl & interfaceControl
        let ready = (0..<count).filter {
            enabled[$0] && (latched[$0] || level[$0]) && !active[$0] && target[$0] & 1 != 0 && isVisible($0)
                && open >> (group[$0] ? 1 : 0) & 1 != 0
                && UInt32(priority[$0]) < priorityMask && UInt32(priority[$0]) < runningPriority
        }
        return ready.min { (priority[$0], $0) < (priority[$1], $1) }
    }

    // MARK: - Security

    private func isVisible(_ interrupt: Int) -> Bool { isSecure || group[interrupt] }

    /// Of two enable bits the one that the processor sees, and the other way round.
    private func seen(_ control: UInt32) -> UInt32 { isSecure ? control : control >> 1 & 1 }
    private func changed(_ control: UInt32, _ value: UInt32) -> UInt32 {
        isSecure ? value : control & ~2 | (value & 1) << 1
    }

    /// A priority as the processor sees it, and as it writes it.
    private func seen(_ priority: UInt8) -> UInt8 { isSecure ? priority : priority << 1 }
    private func stored(_ value: UInt8) -> UInt8 { (isSecure ? value : 0x80 | value >> 1) & 0xF8 }

    // MARK: - Registers

    fileprivate func readInterface(_ offset: Int) -> UInt32 {
        switch offset {
        case 0x000: return seen(interfaceControl)
        case 0x004: return isSecure ? priorityMask : priorityMask < 0x80 ? 0 : priorityMask << 1 & 0xFF
        case 0x018: return best.map { UInt32($0) } ?? 1023
        case 0x00C:
            guard let best else { return 1023 }
            latched[best] = false
            active[best] = true
            stack.append(UInt32(best))
            return UInt32(best) | (best < 16 ? sender << 10 : 0)
        default:
            violations.append("read of GICC offset \(offset)")
            return 0
        }
    }

    fileprivate func writeInterface(_ value: UInt32, _ offset: Int) {
        switch offset {
        case 0x000: interfaceControl = changed(interfaceControl, value)
        // Non-secure software cannot move the mask out of the secure half.
        case 0x004: if isSecure || priorityMask >= 0x80 { priorityMask = UInt32(stored(UInt8(value & 0xFF))) }
        case 0x008: break
        case 0x010:
            let number = value & 0x3FF
            if stack.last != number { violations.append("end of \(number), which is not the one being handled") }
            if number < 16 && value >> 10 & 7 != sender { violations.append("end of \(number) without its sender") }
            if let last = stack.popLast() { active[Int(last)] = false }
            ended.append(number)
        default: violations.append("write to GICC offset \(offset)")
        }
    }

    fileprivate func readDistributor(_ offset: Int) -> UInt32 {
        switch offset {
        case 0x000: seen(distributorControl)
        case 0x004: UInt32(count / 32 - 1) | 3 << 5 | 1 << 10 | 31 << 11
        case 0x008: 0x0200_143B
        case 0x080..<0x100: isSecure ? bits(group, offset - 0x080) : 0
        case 0x100..<0x180: bits(enabled, offset - 0x100)
        case 0x180..<0x200: bits(enabled, offset - 0x180)
        case 0x200..<0x280: bits((0..<count).map { latched[$0] || level[$0] }, offset - 0x200)
        case 0x300..<0x380: bits(active, offset - 0x300)
        case 0x400..<0x800: bytes(priority.map(seen), offset - 0x400)
        case 0x800..<0xC00: bytes(target, offset - 0x800)
        case 0xC00..<0xD00: configuration[(offset - 0xC00) / 4]
        default: 0
        }
    }

    fileprivate func writeDistributor(_ value: UInt32, _ offset: Int) {
        switch offset {
        case 0x000: distributorControl = changed(distributorControl, value)
        case 0x080..<0x100: if isSecure { set(&group, offset - 0x080, value, to: true) }
        case 0x100..<0x180: set(&enabled, offset - 0x100, value, to: true)
        case 0x180..<0x200: set(&enabled, offset - 0x180, value, to: false)
        case 0x200..<0x280: set(&latched, offset - 0x200, value, to: true)
        case 0x280..<0x300: set(&latched, offset - 0x280, value, to: false)
        case 0x380..<0x400: set(&active, offset - 0x380, value, to: false)
        case 0x400..<0x800: setBytes(&priority, offset - 0x400, value) { stored($0) }
        case 0x800..<0x820: violations.append("target of a private interrupt written")
        case 0x820..<0xC00: setBytes(&target, offset - 0x800, value) { $0 }
        case 0xC00..<0xD00: configuration[(offset - 0xC00) / 4] = value
        case 0xF00:
            sent.append([value & 0xF, value >> 24 & 3, value >> 16 & 0xFF])
            let comesHere = value >> 24 & 3 == 2 || value >> 24 & 3 == 0 && value >> 16 & 1 != 0
            if comesHere && isVisible(Int(value & 0xF)) { latched[Int(value & 0xF)] = true }
        default: violations.append("write to GICD offset \(offset)")
        }
    }

    private func bits(_ source: [Bool], _ offset: Int) -> UInt32 {
        (0..<32).reduce(0) {
            let number = offset * 8 + $1
            return number < count && source[number] && isVisible(number) ? $0 | 1 << UInt32($1) : $0
        }
    }

    private func set(_ target: inout [Bool], _ offset: Int, _ value: UInt32, to state: Bool) {
        for bit in 0..<32 where value >> UInt32(bit) & 1 != 0 {
            let number = offset * 8 + bit
            if number < count && isVisible(number) { target[number] = state }
        }
    }

    private func bytes(_ source: [UInt8], _ offset: Int) -> UInt32 {
        (0..<4).reduce(0) { isVisible(offset + $1) ? $0 | UInt32(source[offset + $1]) << UInt32($1 * 8) : $0 }
    }

    private func setBytes(_ target: inout [UInt8], _ offset: Int, _ value: UInt32, _ stored: (UInt8) -> UInt8) {
        for byte in 0..<4 where isVisible(offset + byte) {
            target[offset + byte] = stored(UInt8(truncatingIfNeeded: value >> UInt32(byte * 8)))
        }
    }
}
