// How the device works. The distributor collects every interrupt of the chip, holds for each whether it is enabled, its priority (a
// smaller number is more urgent) and the processors it goes to, and offers the most urgent one to the processor interface, of which
// each core has its own at the same address. Registers for INTIDs 0 to 31 are banked as well: each core sees its own. A core takes an
// interrupt by reading GICC_IAR, which makes it active, and ends it by writing the same value to GICC_EOIR. All device lines of the
// BCM2711 are levels: the handler silences its device before the end, or the interrupt comes again. With the security extension
// interrupts are in group 0 (secure) or 1; the software that runs here sees group 1 only, and its priorities are the upper half.
import Interfaces

/// The GIC-400 interrupt controller: distributor and the processor interface of the core that calls.
///
/// A value without state: copy it freely. Enabling, disabling, taking and ending are single writes or reads and safe
/// anywhere; methods that say so change a word that holds several interrupts and want the caller to keep others out.
public struct GIC400<Bus: RegisterBus> {
    private let distributor: Bus
    private let processor: Bus

    /// The priority every interrupt gets at start: in the middle of what non-secure software can use.
    public static var defaultPriority: UInt8 { 0xA0 }

    /// The controller whose distributor (0x1000 bytes) and processor interface (0x2000 bytes) lie behind the two windows.
    /// Touches nothing.
    public init(distributor: Bus, processorInterface: Bus) {
        self.distributor = distributor
        self.processor = processorInterface
    }

    /// Number of INTIDs the controller has: a table of handlers needs this many entries. At most 1020.
    public var interruptCount: Int { distributor.read(DistributorRegister.type).interruptCount }

    /// Number of processors the controller serves.
    public var processorCount: Int { distributor.read(DistributorRegister.type).processorCount }

    // MARK: - Start

    /// Hands every interrupt to group 1 and opens the processor interface of this core for it. For software entered in
    /// secure state (EL3, as QEMU enters an ELF image), before it drops to non-secure: each core calls it once. In
    /// non-secure state it changes nothing that matters.
    ///
    /// The priority mask must be opened here: non-secure software cannot move it out of the secure half (IHI 0048B 4.4.2).
    public func releaseToNonSecure() {
        for word in 0..<wordCount { distributor.write(.max, at: DistributorRegister.group.word(word)) }
        distributor.write(.enableBothGroups, to: DistributorRegister.control)
        processor.write(0xFF, to: ProcessorInterfaceRegister.priorityMask)
        processor.write(.enableBothGroups, to: ProcessorInterfaceRegister.control)
    }

    /// Brings the distributor to a known state, whatever the firmware left: everything disabled, nothing pending, all shared
    /// interrupts level-triggered and sent to processor 0. Once, on one core, before `startProcessorInterface`.
    public func startDistributor() {
        distributor.write([], to: DistributorRegister.control)
        let interrupts = interruptCount
        for word in 0..<wordCount {
            distributor.write(.max, at: DistributorRegister.clearEnable.word(word))
            distributor.write(.max, at: DistributorRegister.clearPending.word(word))
            distributor.write(.max, at: DistributorRegister.clearActive.word(word))
        }
        for word in 0..<(interrupts / 4) {
            distributor.write(Self.fourfold(Self.defaultPriority), at: DistributorRegister.priority.word(word))
        }
        // After reset a shared interrupt goes nowhere. The bytes of the private ones are read-only.
        for word in 8..<(interrupts / 4) {
            distributor.write(Self.fourfold(1), at: DistributorRegister.target.word(word))
        }
        for word in 2..<(interrupts / 16) {
            distributor.write(0, at: DistributorRegister.configuration + 4 * word)
        }
        distributor.write(.enable, to: DistributorRegister.control)
    }

    /// Opens the processor interface of the core that calls, its private interrupts disabled. Each core, once.
    public func startProcessorInterface() {
        distributor.write(.max, at: DistributorRegister.clearEnable.word(0))
        distributor.write(.max, at: DistributorRegister.clearPending.word(0))
        distributor.write(.max, at: DistributorRegister.clearActive.word(0))
        for word in 0..<8 {
            distributor.write(Self.fourfold(Self.defaultPriority), at: DistributorRegister.priority.word(word))
        }
        processor.write(0xFF, to: ProcessorInterfaceRegister.priorityMask)
        processor.write(0, to: ProcessorInterfaceRegister.binaryPoint)
        processor.write(.enable, to: ProcessorInterfaceRegister.control)
    }

    // MARK: - One interrupt

    /// Lets `interrupt` through.
    public func enable(_ interrupt: InterruptID) {
        distributor.write(interrupt.bit, at: DistributorRegister.setEnable.word(of: interrupt))
    }

    /// Holds `interrupt` back. It may be taken once more: a core may already have been offered it.
    public func disable(_ interrupt: InterruptID) {
        distributor.write(interrupt.bit, at: DistributorRegister.clearEnable.word(of: interrupt))
    }

    /// Whether `interrupt` is let through.
    public func isEnabled(_ interrupt: InterruptID) -> Bool {
        distributor.read(DistributorRegister.setEnable.word(of: interrupt)) & interrupt.bit != 0
    }

    /// Whether `interrupt` waits to be taken.
    public func isPending(_ interrupt: InterruptID) -> Bool {
        distributor.read(DistributorRegister.setPending.word(of: interrupt)) & interrupt.bit != 0
    }

    /// Whether `interrupt` has been taken and not ended.
    public func isActive(_ interrupt: InterruptID) -> Bool {
        distributor.read(DistributorRegister.setActive.word(of: interrupt)) & interrupt.bit != 0
    }

    /// Forgets that `interrupt` is pending. Without effect while a level-triggered device still asserts it.
    public func clearPending(_ interrupt: InterruptID) {
        distributor.write(interrupt.bit, at: DistributorRegister.clearPending.word(of: interrupt))
    }

    /// Gives `interrupt` the priority `priority`; 0 is the most urgent, the controller keeps the upper four bits (of
    /// non-secure software) or five. Changes a shared word: the caller keeps other changes of priorities out.
    public func setPriority(_ priority: UInt8, of interrupt: InterruptID) {
        replaceByte(of: interrupt, in: DistributorRegister.priority, by: priority)
    }

    /// Sends the shared `interrupt` to `processors`, a bit for each (bit 0: processor 0); to none when 0. Changes a
    /// shared word: the caller keeps other changes of targets out.
    public func setTargets(_ processors: UInt8, of interrupt: InterruptID) {
        precondition(!interrupt.isPrivate, "GIC400: a private interrupt has no target")
        replaceByte(of: interrupt, in: DistributorRegister.target, by: processors)
    }

    /// Whether `interrupt` is the caller's to use, once the distributor was started: of one that firmware has kept for the secure side,
    /// everything reads as zero to others, the priority that it was given as well.
    public func isHandedOver(_ interrupt: InterruptID) -> Bool {
        distributor.read(DistributorRegister.priority.word(of: interrupt)) >> (interrupt.rawValue % 4 * 8) & 0xFF != 0
    }

    // MARK: - Handling

    /// The most urgent pending interrupt of the core that calls, which stays pending.
    public var offered: InterruptAcknowledgement { processor.read(ProcessorInterfaceRegister.highestPending) }

    /// Takes the most urgent pending interrupt. When the answer names none (`interrupt` is nil) there is nothing to
    /// handle, and nothing to end.
    public func acknowledge() -> InterruptAcknowledgement { processor.read(ProcessorInterfaceRegister.acknowledge) }

    /// Ends the interrupt that `acknowledge` gave; in the reverse order when several are being handled. The caller has
    /// silenced the device, and completed its writes to it with a barrier. Does nothing for an answer that names none.
    public func end(_ acknowledgement: InterruptAcknowledgement) {
        if acknowledgement.interrupt == nil { return }
        processor.write(acknowledgement, to: ProcessorInterfaceRegister.endOfInterrupt)
    }

    // MARK: - Software-generated interrupts

    /// Raises the software-generated interrupt `interrupt` on `processors`, a bit for each. The caller has completed what the
    /// others are to see with a barrier (DSB ISHST).
    public func send(_ interrupt: InterruptID, toProcessors processors: UInt8) {
        request(interrupt, filter: 0, targets: UInt32(processors))
    }

    /// Raises the software-generated interrupt `interrupt` on all processors but the one that calls.
    public func sendToOthers(_ interrupt: InterruptID) { request(interrupt, filter: 1, targets: 0) }

    /// Raises the software-generated interrupt `interrupt` on the processor that calls.
    public func sendToSelf(_ interrupt: InterruptID) { request(interrupt, filter: 2, targets: 0) }

    private func request(_ interrupt: InterruptID, filter: UInt32, targets: UInt32) {
        precondition(interrupt.rawValue < 16, "GIC400: only interrupts 0 to 15 can be sent")
        distributor.write(
            SoftwareInterruptRequest(interrupt.rawValue, filter: filter, targets: targets),
            to: DistributorRegister.softwareInterrupt)
    }

    // MARK: - Words

    /// Number of words in a register group with a bit for each interrupt.
    private var wordCount: Int { (interruptCount + 31) / 32 }

    private func replaceByte(of interrupt: InterruptID, in group: InterruptBytes, by value: UInt8) {
        let offset = group.word(of: interrupt)
        let shift = interrupt.rawValue % 4 * 8
        let others = distributor.read(offset) & ~(0xFF << shift)
        distributor.write(others | UInt32(value) << shift, at: offset)
    }

    /// `byte` in each byte of a word.
    private static func fourfold(_ byte: UInt8) -> UInt32 { UInt32(byte) * 0x0101_0101 }
}
