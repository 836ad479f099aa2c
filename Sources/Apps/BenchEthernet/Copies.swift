import Interfaces
import RaspberryPi4
import Runtime

/// Finds out whether frames are copied between the buffers that the controller's descriptors name and those that the driver's user sees.
enum Copies {
    /// Where the descriptors' addresses begin (hardware notes "GENET v5", section 3).
    private static let receiveAddresses = 0x2004
    private static let transmitAddresses = 0x4004
    private static let descriptors = 256
    /// The status block, and the alignment of received frames.
    private static let statusBlock: UInt = 64
    private static let alignment: UInt = 2

    /// The bytes of a frame of `length` bytes that do not lie where the hardware put them, or will find them.
    static func count(_ device: some NetworkDevice, length: Int) -> UInt64 {
        var filled: UInt = 0
        try? device.transmit(length) { span in
            span.storeBytes(of: UInt64.max, toByteOffset: 0, as: UInt64.self)
            unsafe span.withUnsafeMutableBytes { filled = UInt(bitPattern: $0.baseAddress!) }
        }
        let isSentInPlace = holds(filled - statusBlock, transmitAddresses)
        // Half a batch: the partner sends back what it has when nothing more comes.
        for _ in 0..<1_000_000 {
            let before = addresses(receiveAddresses)
            if let frame = device.receive() {
                var start: UInt = 0
                unsafe frame.bytes.withUnsafeBytes { start = UInt(bitPattern: $0.baseAddress!) }
                let isReceivedInPlace = before.contains(UInt32(truncatingIfNeeded: start - statusBlock - alignment))
                return (isSentInPlace ? 0 : UInt64(length)) + (isReceivedInPlace ? 0 : UInt64(frame.count))
            }
            try? Task.sleep(for: .microseconds(20))
        }
        return UInt64(2 * length)
    }

    private static func holds(_ address: UInt, _ first: Int) -> Bool {
        addresses(first).contains(UInt32(truncatingIfNeeded: address))
    }

    private static func addresses(_ first: Int) -> [UInt32] {
        let bus = MMIO(Board.Device.ethernet.address)
        return (0..<descriptors).map { bus.read(first + 12 * $0) }
    }
}
