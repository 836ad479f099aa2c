/// Where the devices of the BCM2711 lie in the ARM's address space, low-peripheral mode. BCM2711 ARM Peripherals, 1.2.
package enum MemoryMap {
    static var systemTimer: MMIO { MMIO(0xfe00_3000) }
    static var mailbox: MMIO { MMIO(0xfe00_b880) }
    static var powerManagement: MMIO { MMIO(0xfe10_0000) }
    static var rng200: MMIO { MMIO(0xfe10_4000) }
    static var gpio: MMIO { MMIO(0xfe20_0000) }
    static var uart0: MMIO { MMIO(0xfe20_1000) }
    static var aux: MMIO { MMIO(0xfe21_5000) }
    /// The Arasan controller that the board wires to the wireless chip and QEMU to the card.
    static var emmc1: MMIO { MMIO(0xfe30_0000) }
    /// The controller of the board's card slot.
    static var emmc2: MMIO { MMIO(0xfe34_0000) }
    static var avsMonitor: MMIO { MMIO(0xfd5d_2000) }
    /// The chip's number and stepping, in one word: 0x27110010 for B0, 0x27110011 for B1, 0x27110020 for C0 (Raspberry Pi documentation, "Secure boot").
    static var chipID: MMIO { MMIO(0xfc40_4000) }
    static var genet: MMIO { MMIO(0xfd58_0000) }
    /// The DWC2 controller of the USB-C connector.
    package static var usb: MMIO { MMIO(0xfe98_0000) }
    static var gicDistributor: MMIO { MMIO(0xff84_1000) }
    static var gicProcessorInterface: MMIO { MMIO(0xff84_2000) }

    /// What the image, its stacks and the firmware's stub keep to themselves.
    static let heapStart: UInt = 0x20_0000
    /// Mapped by the boot code, before anyone has asked how much memory there is.
    static let firstMemoryEnd: UInt = 0x400_0000
    /// Memory below here is shared with the VideoCore; above, up to the devices, it is the ARM's alone.
    package static let gigabyte: UInt64 = 0x4000_0000
    static let devicesStart: UInt64 = 0xfc00_0000
    static let devicesEnd: UInt64 = 0x1_0000_0000
}

/// The interrupt ids of the BCM2711's GIC-400. BCM2711 ARM Peripherals, 6.3.
package enum InterruptMap {
    /// The physical timer of EL1, private to each core.
    static let timer: UInt32 = 30
    /// The DWC2 controller.
    package static let usb: UInt32 = 105
    static let aux: UInt32 = 125
    static let uart: UInt32 = 153
    /// EMMC1 and EMMC2 together.
    static let emmc: UInt32 = 158
    /// The first of the GENET's two lines: everything but the priority rings.
    static let genet: UInt32 = 189
}
