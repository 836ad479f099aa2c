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
}
