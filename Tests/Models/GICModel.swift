import Interfaces

/// A GIC-400 with one processor looking at it: levels go in at the devices' side, interrupts come out at the processor interface.
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
    /// Priorities.
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
    /// In non-secure state that stage has put every interrupt into group 1 and opened the priority mask.
    public init(count: Int = 224, isSecure: Bool = false, isDirty: Bool = false) {
        self.count = count
        self.isSecure = isSecure
        group = Array(repeating: !isSecure, count: count)
        priority = Array(repeating: 0, count: count)
        target = (0..<count).map { $0 < 32 ? 1 : 0 }
        enabled = Array(repeating: isDirty, count: count)
        latched = enabled
        active = enabled
        level = Array(repeating: false, count: count)
        configuration = Array(repeating: isDirty ? .max : 0, count: count / 16)
        priorityMask = isSecure ? 0 : 0xFF
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
        guard distributorControl & 1 != 0 || isSecure && distributorControl & 3 != 0, interfaceControl & 1 != 0 else {
            return nil
        }
        let ready = (0..<count).filter {
            enabled[$0] && (latched[$0] || level[$0]) && !active[$0] && target[$0] & 1 != 0 && (isSecure || group[$0])
                && UInt32(priority[$0]) < priorityMask && UInt32(priority[$0]) < runningPriority
        }
        return ready.min { (priority[$0], $0) < (priority[$1], $1) }
    }

    // MARK: - Registers

    fileprivate func readInterface(_ offset: Int) -> UInt32 {
        switch offset {
        case 0x000: return interfaceControl
        case 0x004: return priorityMask
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
        case 0x000: interfaceControl = value
        // Non-secure software cannot move the mask out of the secure half.
        case 0x004: if isSecure || priorityMask >= 0x80 { priorityMask = value }
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
        case 0x000: distributorControl
        case 0x004: UInt32(count / 32 - 1) | 3 << 5 | 1 << 10
        case 0x080..<0x100: isSecure ? bits(group, offset - 0x080) : 0
        case 0x100..<0x180: bits(enabled, offset - 0x100)
        case 0x180..<0x200: bits(enabled, offset - 0x180)
        case 0x200..<0x280: bits((0..<count).map { latched[$0] || level[$0] }, offset - 0x200)
        case 0x300..<0x380: bits(active, offset - 0x300)
        case 0x400..<0x800: bytes(priority, offset - 0x400)
        case 0x800..<0xC00: bytes(target, offset - 0x800)
        case 0xC00..<0xD00: configuration[(offset - 0xC00) / 4]
        default: 0
        }
    }

    fileprivate func writeDistributor(_ value: UInt32, _ offset: Int) {
        switch offset {
        case 0x000: distributorControl = value
        case 0x080..<0x100: if isSecure { set(&group, offset - 0x080, value, to: true) }
        case 0x100..<0x180: set(&enabled, offset - 0x100, value, to: true)
        case 0x180..<0x200: set(&enabled, offset - 0x180, value, to: false)
        case 0x200..<0x280: set(&latched, offset - 0x200, value, to: true)
        case 0x280..<0x300: set(&latched, offset - 0x280, value, to: false)
        case 0x380..<0x400: set(&active, offset - 0x380, value, to: false)
        case 0x400..<0x800: setBytes(&priority, offset - 0x400, value, mask: 0xF0)
        case 0x800..<0x820: violations.append("target of a private interrupt written")
        case 0x820..<0xC00: setBytes(&target, offset - 0x800, value, mask: 0xFF)
        case 0xC00..<0xD00: configuration[(offset - 0xC00) / 4] = value
        case 0xF00:
            sent.append([value & 0xF, value >> 24 & 3, value >> 16 & 0xFF])
            if value >> 24 & 3 == 2 || value >> 24 & 3 == 0 && value >> 16 & 1 != 0 { latched[Int(value & 0xF)] = true }
        default: violations.append("write to GICD offset \(offset)")
        }
    }

    private func bits(_ source: [Bool], _ offset: Int) -> UInt32 {
        (0..<32).reduce(0) { offset * 8 + $1 < count && source[offset * 8 + $1] ? $0 | 1 << UInt32($1) : $0 }
    }

    private func set(_ target: inout [Bool], _ offset: Int, _ value: UInt32, to state: Bool) {
        for bit in 0..<32 where value >> UInt32(bit) & 1 != 0 {
            if offset * 8 + bit < count { target[offset * 8 + bit] = state }
        }
    }

    private func bytes(_ source: [UInt8], _ offset: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(source[offset + $1]) << UInt32($1 * 8) }
    }

    private func setBytes(_ target: inout [UInt8], _ offset: Int, _ value: UInt32, mask: UInt8) {
        for byte in 0..<4 { target[offset + byte] = UInt8(truncatingIfNeeded: value >> UInt32(byte * 8)) & mask }
    }
}
