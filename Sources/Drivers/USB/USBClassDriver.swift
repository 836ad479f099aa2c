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

// A complete driver: a device with one endpoint that is asked now and then. (Tests/USBTests/Button.swift is this text, compiled and tested.)
//
//     import Interfaces
//     import USB
//
//     /// A button that reports a byte whenever it is pressed.
//     final class Button: USBClassDriver {
//         let name: StaticString = "button"
//         var presses = 0
//         private var device: USBDevice?
//         private var endpoint: USBPolledEndpoint?
//
//         func attach(_ device: USBDevice) throws(USBError) -> Bool {
//             let found = device.firstConfiguration { configuration in
//                 configuration.interfaces.first { $0.interfaceClass == 0xFF && $0.protocol == 0x42 }?
//                     .endpoint(.interrupt, isIn: true)
//             }
//             guard self.device == nil, let found else { return false }
//             try device.configure(found.configuration)
//             endpoint = USBPolledEndpoint(found.use)
//             self.device = device
//             return true
//         }
//
//         func detach(_ device: USBDevice) {
//             if self.device === device { self.device = nil }
//         }
//
//         func service(_ device: USBDevice) -> Instant {
//             guard self.device === device, var endpoint else { return .never }
//             var bytes: [1 of UInt8] = [0]
//             var span = bytes.mutableSpan
//             var raw = unsafe span.mutableBytes
//             let count = device.poll(&endpoint, into: &raw)
//             self.endpoint = endpoint
//             if count == 1 { presses += 1 }
//             return device.controller.now + endpoint.endpoint.period(at: device.target.speed)
//         }
//     }
