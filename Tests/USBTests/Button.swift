import Interfaces
import USB

/// A button that reports a byte whenever it is pressed.
final class Button: USBClassDriver {
    let name: StaticString = "button"
    var presses = 0
    private var device: USBDevice?
    private var endpoint: USBPolledEndpoint?

    func attach(_ device: USBDevice) throws(USBError) -> Bool {
        let found = device.firstConfiguration { configuration in
            configuration.interfaces.first { $0.interfaceClass == 0xFF && $0.protocol == 0x42 }?
                .endpoint(.interrupt, isIn: true)
        }
        guard self.device == nil, let found else { return false }
        try device.configure(found.configuration)
        endpoint = USBPolledEndpoint(found.use)
        self.device = device
        return true
    }

    func detach(_ device: USBDevice) {
        if self.device === device { self.device = nil }
    }

    func service(_ device: USBDevice) -> Instant {
        guard self.device === device, var endpoint else { return .never }
        var bytes: [1 of UInt8] = [0]
        var span = bytes.mutableSpan
        var raw = unsafe span.mutableBytes
        let count = device.poll(&endpoint, into: &raw)
        self.endpoint = endpoint
        if count == 1 { presses += 1 }
        return device.controller.now + endpoint.endpoint.period(at: device.target.speed)
    }
}
