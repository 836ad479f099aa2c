// ARM Generic Interrupt Controller Architecture Specification, GICv2, IHI 0048B, chapter 4 "Programmers' Model"; GIC-400 Technical
// Reference Manual, DDI 0471, chapter 3.
import Interfaces

/// The distributor's registers (IHI 0048B 4.3).
enum DistributorRegister {
    /// GICD_CTLR.
    static var control: Register<DistributorControl> { Register(0x000) }
    /// GICD_TYPER.
    static var type: Register<DistributorType> { Register(0x004) }
    /// GICD_IGROUPRn: a bit an interrupt; secure accesses only.
    static var group: InterruptBits { InterruptBits(0x080) }
    /// GICD_ISENABLERn: write one to enable.
    static var setEnable: InterruptBits { InterruptBits(0x100) }
    /// GICD_ICENABLERn: write one to disable.
    static var clearEnable: InterruptBits { InterruptBits(0x180) }
    /// GICD_ISPENDRn.
    static var setPending: InterruptBits { InterruptBits(0x200) }
    /// GICD_ICPENDRn.
    static var clearPending: InterruptBits { InterruptBits(0x280) }
    /// GICD_ISACTIVERn: reads tell what is being handled.
    static var setActive: InterruptBits { InterruptBits(0x300) }
    /// GICD_ICACTIVERn.
    static var clearActive: InterruptBits { InterruptBits(0x380) }
    /// GICD_IPRIORITYRn: a byte an interrupt.
    static var priority: InterruptBytes { InterruptBytes(0x400) }
    /// GICD_ITARGETSRn: a byte an interrupt, a bit a processor.
    static var target: InterruptBytes { InterruptBytes(0x800) }
    /// GICD_ICFGRn: two bits an interrupt, the upper one: edge-triggered.
    static var configuration: Int { 0xC00 }
    /// GICD_SGIR.
    static var softwareInterrupt: Register<SoftwareInterruptRequest> { Register(0xF00) }
}

/// The processor interface's registers (IHI 0048B 4.4).
enum ProcessorInterfaceRegister {
    /// GICC_CTLR.
    static var control: Register<DistributorControl> { Register(0x000) }
    /// GICC_PMR: interrupts of this priority number or above are held back.
    static var priorityMask: Register<UInt32> { Register(0x004) }
    /// GICC_BPR: how much of the priority decides about preemption.
    static var binaryPoint: Register<UInt32> { Register(0x008) }
    /// GICC_IAR: reading takes the interrupt.
    static var acknowledge: Register<InterruptAcknowledgement> { Register(0x00C) }
    /// GICC_EOIR.
    static var endOfInterrupt: Register<InterruptAcknowledgement> { Register(0x010) }
    /// GICC_HPPIR: what GICC_IAR would give, without taking it.
    static var highestPending: Register<InterruptAcknowledgement> { Register(0x018) }
}

/// A group of registers with a bit for each interrupt.
struct InterruptBits {
    let offset: Int

    init(_ offset: Int) { self.offset = offset }

    /// Where the 32 interrupts from 32 * `index` on have their bits.
    func word(_ index: Int) -> Int { offset + 4 * index }

    /// Where the bit of `interrupt` lies.
    func word(of interrupt: InterruptID) -> Int { word(Int(interrupt.rawValue / 32)) }
}

/// A group of registers with a byte for each interrupt, four to a word.
struct InterruptBytes {
    let offset: Int

    init(_ offset: Int) { self.offset = offset }

    /// Where the four interrupts from 4 * `index` on have their bytes.
    func word(_ index: Int) -> Int { offset + 4 * index }

    /// Where the byte of `interrupt` lies.
    func word(of interrupt: InterruptID) -> Int { word(Int(interrupt.rawValue / 4)) }
}

/// GICD_CTLR and GICC_CTLR (4.3.1, 4.4.1). What bit 0 means depends on who looks: non-secure software sees one bit, which enables
/// group 1; secure software sees group 0 there and group 1 in bit 1.
struct DistributorControl: OptionSet, RegisterFields {
    var rawValue: UInt32

    /// The one bit that non-secure software sees.
    static var enable: DistributorControl { DistributorControl(rawValue: 1 << 0) }
    /// Both groups, as secure software sees them.
    static var enableBothGroups: DistributorControl { DistributorControl(rawValue: 3 << 0) }
}

/// GICD_TYPER (4.3.2).
struct DistributorType: RegisterFields {
    var rawValue: UInt32

    /// Number of INTIDs, a multiple of 32: (ITLinesNumber + 1) * 32, of which the last four never are interrupts.
    var interruptCount: Int { min(Int(self[0...4] + 1) * 32, 1020) }
    /// Number of processors: CPUNumber + 1.
    var processorCount: Int { Int(self[5...7] + 1) }
}

/// GICD_SGIR (4.3.15).
struct SoftwareInterruptRequest: RegisterFields {
    var rawValue: UInt32

    /// TargetListFilter, CPUTargetList and SGIINTID.
    init(_ number: UInt32, filter: UInt32, targets: UInt32) {
        rawValue = 0
        self[0...3] = number
        self[16...23] = targets
        self[24...25] = filter
    }

    init(rawValue: UInt32) { self.rawValue = rawValue }
}
