import Interfaces
import USB

/// The disk that is plugged in.
final class Unit {
    let device: USBDevice
    let controller: any USBHostController
    let interface: UInt8
    let input: USBEndpoint
    let output: USBEndpoint
    let inputPipe: USBPipe
    let outputPipe: USBPipe
    var geometry = BlockGeometry(blockCount: 0, isReadOnly: true)
    /// The number of the next command.
    var number: UInt32 = 1
    /// A command has ended in the middle: before the next one the disk is reset.
    var isOutOfStep = false
    /// What this disk calls a residue is none.
    private var hasFalseResidue = false

    init(
        _ device: USBDevice, interface: UInt8, input: USBEndpoint, output: USBEndpoint, inputPipe: USBPipe,
        outputPipe: USBPipe
    ) {
        self.device = device
        controller = device.controller
        self.interface = interface
        self.input = input
        self.output = output
        self.inputPipe = inputPipe
        self.outputPipe = outputPipe
    }

    /// How many of `moved` bytes of `command`'s data count. Some disks name a residue where there is none: they show it with answers whose length is
    /// known beforehand and that have come whole (as Linux finds them out).
    func meant(_ moved: Int, of command: SCSICommand, _ status: StatusWrapper) -> Int {
        if status.residue == 0 || hasFalseResidue { return moved }
        if status.status == 0, command.hasKnownLength, moved == command.count {
            hasFalseResidue = true
            return moved
        }
        return min(moved, command.count - min(Int(status.residue), command.count))
    }
}
