import Interfaces
import Mailbox

extension Board {
    /// Firmware has switched the block of USB on.
    nonisolated(unsafe) fileprivate static var isUSBOn = false

    /// The devices of the chip that this system knows.
    public enum Device: CaseIterable, Sendable {
        case interruptController, systemTimer, mailbox, powerManagement, rng, gpio, uart, miniUART, emmc, emmc2
        case thermometer, usb, ethernet

        /// The name, as in the datasheet where it has one.
        public var name: StaticString {
            switch self {
            case .interruptController: "gic"
            case .systemTimer: "system timer"
            case .mailbox: "mailbox"
            case .powerManagement: "power management"
            case .rng: "rng200"
            case .gpio: "gpio"
            case .uart: "uart"
            case .miniUART: "mini uart"
            case .emmc: "emmc"
            case .emmc2: "emmc2"
            case .thermometer: "avs monitor"
            case .usb: "usb"
            case .ethernet: "genet"
            }
        }

        /// Where its registers begin.
        public var address: UInt { window.base }

        /// Whether something answers at its address. From tasks only.
        public var isPresent: Bool { hasPower && window.probe(quietRegister) != nil }

        /// Whether its registers may be touched: firmware leaves the block of USB off until it is asked for it (docs/HARDWARE.md), and switches it
        /// on here, once: it resets the block as well. Others have power. From tasks only.
        public var hasPower: Bool {
            guard case .usb = self, unsafe !Board.isUSBOn else { return true }
            let isOn = try? Board.askFirmware { firmware throws(DeviceError) in
                try firmware.setPower(.usb, isOn: true)
            }
            unsafe Board.isUSBOn = isOn ?? false
            return unsafe Board.isUSBOn
        }

        private var window: MMIO {
            switch self {
            case .interruptController: MemoryMap.gicDistributor
            case .systemTimer: MemoryMap.systemTimer
            case .mailbox: MemoryMap.mailbox
            case .powerManagement: MemoryMap.powerManagement
            case .rng: MemoryMap.rng200
            case .gpio: MemoryMap.gpio
            case .uart: MemoryMap.uart0
            case .miniUART: MemoryMap.aux
            case .emmc: MemoryMap.emmc1
            case .emmc2: MemoryMap.emmc2
            case .thermometer: MemoryMap.avsMonitor
            case .usb: MemoryMap.usb
            case .ethernet: MemoryMap.genet
            }
        }

        /// The offset of a register that can be read without changing anything.
        private var quietRegister: Int {
            switch self {
            // Data registers lie at the beginning of these; their status is behind it.
            case .mailbox, .uart: 0x18
            case .powerManagement: 0x1c
            case .interruptController, .miniUART, .systemTimer: 0x04
            case .emmc, .emmc2: 0x24
            case .usb: 0x40
            case .rng, .gpio, .thermometer, .ethernet: 0x00
            }
        }
    }
}
