/// Why no core of the ARM reaches the kernel, or none that can live.
public enum BootFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// PM_RSTS asked for partition 63: the board sleeps.
    case halted
    /// No partition has a FAT file system.
    case noFileSystem
    /// The partition that PM_RSTS or autoboot.txt asks for has no FAT file system.
    case noPartition(Int)
    /// A file of the firmware is missing: the activity LED blinks four times.
    case missingFirmware(String)
    /// The firmware file holds no code for the ARM, so it is no firmware for this board.
    case damagedFirmware(String)
    /// `recovery.elf` is on the card, which is started in place of the firmware.
    case recovery(String)
    /// The kernel's file is missing: the activity LED blinks seven times.
    case missingKernel(String)
    /// The stub's file that `armstub=` names is missing.
    case missingStub(String)
    /// The core enters in AArch32.
    case entersAArch32
    /// The kernel, or the tree, does not fit between the ends of the ARM's memory.
    case doesNotFit(String, address: UInt64, end: UInt64)
    /// A setting that the model knows nothing certain about.
    case notModelled(String)

    /// In words.
    public var description: String {
        switch self {
        case .halted: "PM_RSTS asks for partition 63: the board halts"
        case .noFileSystem: "the card has no partition with a FAT file system"
        case .noPartition(let number): "partition \(number) has no FAT file system"
        case .missingFirmware(let name): "\(name) is missing: the activity LED blinks four times"
        case .damagedFirmware(let name): "\(name) is no firmware for a Raspberry Pi 4"
        case .recovery(let name): "\(name) is started in place of the firmware"
        case .missingKernel(let name): "\(name) is missing: the activity LED blinks seven times"
        case .missingStub(let name): "\(name), the stub, is missing"
        case .entersAArch32: "the cores enter in AArch32"
        case .doesNotFit(let name, let address, let end):
            "\(name) at 0x\(String(address, radix: 16)) does not fit below 0x\(String(end, radix: 16))"
        case .notModelled(let what): "\(what): the model knows nothing certain about it"
        }
    }
}
