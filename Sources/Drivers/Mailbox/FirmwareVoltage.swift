/// The voltages the firmware regulates, by its numbers (firmware wiki "Mailbox property interface", Voltage).
public enum FirmwareVoltage: UInt32, Sendable, CaseIterable {
    /// The chip's core.
    case core = 1
    /// The memory's controller.
    case memoryController = 2
    /// The memory's physical layer.
    case memoryPHY = 3
    /// The memory's inputs and outputs.
    case memoryIO = 4
}
