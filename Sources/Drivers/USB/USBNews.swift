import Interfaces

/// What happens on the bus.
public enum USBNews {
    /// A device was plugged in, and somebody uses it.
    case attached(USBDevice)
    /// A device was plugged in that nobody can use; why, when a driver wanted to.
    case unused(USBDevice, USBError?)
    /// A device has gone.
    case detached(USBDevice)
    /// What was plugged in at the end of these ports does not work.
    case failed([UInt8], USBError)
}
