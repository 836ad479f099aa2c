import DeviceTree
import Interfaces
import PowerManagement

/// What the firmware says about this start of the board.
///
/// The firmware reads and clears the register with the cause of the reset before the program runs, and writes it into the device tree.
public struct BootReport {
    /// Why the chip was reset, and the partition that was asked for: from the device tree, or from the register where that says nothing.
    /// Bootloaders of today set the watchdog's bit after a power-on as well, and some earlier ones the power-on's after a reboot.
    public let resetStatus: ResetStatus
    /// Whether `resetStatus` is the firmware's and not what the register has now.
    public let isFromFirmware: Bool
    /// The partition that the firmware booted from; nil where it does not say.
    public let partition: UInt32?
    /// The medium it booted from, as in BOOT_ORDER: 1 card, 2 network, 4 USB; nil where it does not say.
    public let bootMode: UInt32?
    /// Whether this start is a trial of other boot files.
    public let isTrial: Bool

    /// What stands in `chosen` of the device tree, if there is one; `register` is PM_RSTS as it is now.
    init(_ chosen: Chosen?, register: ResetStatus) {
        resetStatus = chosen?.resetStatus.map { ResetStatus(rawValue: $0) } ?? register
        isFromFirmware = chosen?.resetStatus != nil
        partition = chosen?.partition
        bootMode = chosen?.bootMode
        isTrial = chosen?.tryBoot == 1
    }
}

extension Board {
    /// What the firmware says about this start. Reads it anew at each call.
    public static var bootReport: BootReport {
        BootReport(PhysicalMemory.deviceTree()?.chosen, register: power.resetStatus)
    }
}
