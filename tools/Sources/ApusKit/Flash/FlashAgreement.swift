/// What a person agrees to erase: a device as it was shown, held open from before the question until everything is written.
///
/// The path of a device is only a name: between question and answer it may come to mean another disk, and the card in a reader may be
/// another one. So the device is opened first; what was shown is looked up again after that and after the answer, and all of it has to be
/// the same: number, size, serial, partitions and what is on them, nothing mounted, and Linux's running number of the medium.
package struct FlashAgreement {
    /// What is shown.
    package let target: FlashTarget
    /// What is written to.
    package let device: HeldDevice
    private let identity: HeldDevice.Identity
    private let look: () throws -> FlashTarget

    /// Looks at the device by `look`, which checks it too, and holds what it finds.
    package init(
        holding hold: (String) throws -> HeldDevice = { try HeldDevice(path: $0) },
        _ look: @escaping () throws -> FlashTarget
    ) throws {
        self.look = look
        target = try look()
        device = try hold(target.device.path)
        identity = device.identity
        try confirm()
    }

    /// Throws unless everything is as it was shown.
    package func confirm() throws {
        let now = device.identity
        guard now == identity, now.number == target.device.number, now.size == target.device.size,
            device.numberAtPath == now.number, try look() == target
        else { throw FlashError.changed(target.device.path) }
    }
}
