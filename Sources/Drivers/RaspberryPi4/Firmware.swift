import Interfaces
import Mailbox
import Runtime

extension Board {
    /// The firmware's property calls.
    public typealias Firmware = Mailbox<MMIO, SpinClock, DeviceMemory>

    /// The mailbox; nil when no memory was left for its messages. Requests take microseconds to milliseconds and spin.
    nonisolated(unsafe) static var mailbox: Firmware?

    static func openMailbox() {
        guard let memory = Memory.allocateDeviceMemory(1024) else { return }
        unsafe mailbox = Mailbox(MemoryMap.mailbox, time: SpinClock(), memory: memory)
    }

    /// Asks the firmware. Throws what `request` throws, and `.absent` without a mailbox.
    public static func askFirmware<Answer>(
        _ request: (inout Firmware) throws(DeviceError) -> Answer
    ) throws(DeviceError) -> Answer {
        guard unsafe mailbox != nil else { throw .absent }
        return try unsafe request(&mailbox!)
    }

    /// The firmware starts the processor at 600 MHz: sets its clock to the highest it allows.
    static func raiseProcessorClock() {
        _ = try? askFirmware { firmware throws(DeviceError) in
            let highest = try firmware.maximumClockRate(.arm)
            return try firmware.setClockRate(.arm, to: highest)
        }
    }
}
