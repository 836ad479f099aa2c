import Interfaces

/// Uses devices of a class: an Ethernet adapter, a keyboard, a disk. One value serves one device at a time.
///
/// **Who calls.** The task of the bus. `attach` and `service` may wait; meanwhile other tasks run.
///
/// **A device's life.** `attach` is asked about every device that is plugged in. From when it has said yes until `detach` the driver sends what
/// requests it likes, opens pipes, and is asked to `service` the device when it wants to be. `detach` comes as well when the device has gone:
/// requests fail then. It closes the pipes.
public protocol USBClassDriver: AnyObject {
    /// A word for people.
    var name: StaticString { get }

    /// Looks at `device`, and takes it when it can use it: chooses a configuration with `configure`, unless another driver has chosen already.
    /// - Returns: whether it took the device.
    /// - Throws: when it wanted to and could not; it has let go of everything then.
    func attach(_ device: USBDevice) throws(USBError) -> Bool

    /// Lets go of `device`.
    func detach(_ device: USBDevice)

    /// Asks the device what it has to say.
    /// - Returns: when to call again.
    func service(_ device: USBDevice) -> Instant
}
