import CDCEthernet
import Interfaces
import Mailbox
import PL011
import RaspberryPi4
import Runtime
import USB
import USBKeyboard
import USBStorage

extension Board {
    /// An Ethernet adapter on USB.
    public typealias USBEthernet = CDCEthernet<DeviceMemory>
    /// A disk on USB.
    public typealias USBDisk = USBStorage<DeviceMemory, TaskEvent>

    nonisolated(unsafe) private static var adapter: USBEthernet?
    nonisolated(unsafe) private static var keyboard: USBKeyboard?
    nonisolated(unsafe) private static var disk: USBDisk?

    /// Opens the interface for Ethernet adapters on USB, once; later calls give the same. Its link is down while there is none.
    ///
    /// `spareBuffers` is how many received frames may be kept by their consumers at a time, 2 KiB each. The word `usb.rndis` among the
    /// program's arguments makes it speak RNDIS with adapters that know CDC ECM as well. Throws as `openUSB`.
    public static func openUSBEthernet(spareBuffers: Int = 64) throws(DeviceError) -> USBEthernet {
        let ports = try openUSB()
        if let open = unsafe adapter { return open }
        guard let memory = Memory.allocateDeviceMemory(USBEthernet.memorySize(spareBuffers: spareBuffers)) else {
            throw .unsupported("memory for Ethernet buffers")
        }
        let opened = USBEthernet(
            memory: memory, address: fallbackAddress(), preference: arguments.contains("usb.rndis") ? .rndis : .ecm)
        unsafe adapter = opened
        ports.add(opened)
        opened.fixAddress()
        return opened
    }

    /// The on-board interface's address, as one that this board gave itself (IEEE 802: bit 1 of the first byte).
    private static func fallbackAddress() -> HardwareAddress {
        let own = try? askFirmware { firmware throws(DeviceError) in HardwareAddress(try firmware.macAddress()) }
        let local = HardwareAddress(bits: (own?.bits ?? 1) | 0x02 << 40)
        return local.isUsableByInterface ? local : HardwareAddress(bits: 0x02_0000_0000_01)
    }

    /// Lets a keyboard on USB type into the console, whenever one is plugged in. Throws as `openUSB`.
    public static func openUSBKeyboard() throws(DeviceError) {
        let ports = try openUSB()
        if unsafe keyboard != nil { return }
        let opened = USBKeyboard()
        opened.typed = { unsafe Board.console.insert($0) }
        unsafe keyboard = opened
        ports.add(opened)
    }

    /// Opens the place for a disk on USB, once; later calls give the same. Throws as `openUSB`.
    public static func openUSBDisk() throws(DeviceError) -> USBDisk {
        let ports = try openUSB()
        if let open = unsafe disk { return open }
        guard let memory = Memory.allocateDeviceMemory(StorageLayout.size) else {
            throw .unsupported("memory for a disk")
        }
        let opened = USBDisk(memory: memory, event: TaskEvent())
        unsafe disk = opened
        ports.add(opened)
        return opened
    }
}
