import DeviceTree
import Interfaces
import Mailbox

/// What of the memory EMMC2 reaches. Its bus differs between steppings of the chip: B0 sees the first gigabyte, at 0xC0000000; C0 sees
/// what 32 bits can say, where it is.
enum CardReach {
    static var b0: DMAWindow { DMAWindow(physical: 0..<MemoryMap.gigabyte, bus: 0xC000_0000) }
    static var c0: DMAWindow { DMAWindow(physical: 0..<MemoryMap.devicesStart, bus: 0) }

    /// What is known of it: the window, and whether somebody says otherwise.
    struct Finding: Equatable {
        var window: DMAWindow?
        var isDoubtful: Bool
    }

    /// What EMMC2 reaches, out of the chip's number, the device tree, and the board's revision, in this order; nil from one that says nothing. The
    /// chip knows; a tree may be another board's, or one that the firmware did not change. Whatever comes out is tried before it is believed.
    static func find(chip: DMAWindow?, tree: DMAWindow?, revision: DMAWindow?) -> Finding {
        let window = chip ?? tree ?? revision
        let isDoubtful = tree.map { $0.bus != window?.bus } == true || revision.map { $0.bus != window?.bus } == true
        return Finding(window: window, isDoubtful: isDoubtful)
    }

    /// The window of the stepping that `chip`, the word with its number, names (as EDK2 decides). Nil for another chip.
    static func window(ofChip chip: UInt32) -> DMAWindow? {
        if chip >> 16 != 0x2711 { return nil }
        return chip & 0xFF >= 0x20 ? c0 : b0
    }

    /// The window that `dma-ranges` of the controller's bus describes. Nil when the tree has no such bus, or ranges that make no sense.
    static func window(in tree: DeviceTree) -> DMAWindow? {
        guard let bus = tree.node("emmc2bus") ?? tree.node("/emmc2bus"), let property = bus.property("dma-ranges")
        else {
            return nil
        }
        // An empty property: the bus has the addresses of its parent.
        if property.count == 0 { return c0 }
        for range in bus.dmaRanges where range.size > 0 {
            let (end, overflow) = range.parent.addingReportingOverflow(range.size)
            if overflow || range.child >= 1 << 32 { continue }
            return DMAWindow(physical: range.parent..<end, bus: range.child)
        }
        return nil
    }

    /// The window that follows from the board. Nil for boards that were made with both steppings: without DMA both work.
    static func window(of revision: BoardRevision) -> DMAWindow? {
        switch revision.model {
        case .pi400, .computeModule4: c0
        case .pi4B where revision.minor >= 5: c0
        case .pi4B where revision.minor <= 2: b0
        default: nil
        }
    }
}
