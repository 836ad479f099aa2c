import Interfaces

/// A device on the bus: what it says about itself, and the requests that every device knows. USB 2.0, 9.4.
public final class USBDevice {
    /// The controller that reaches it.
    public let controller: any USBHostController
    /// The ports that lead to it: the root port is 1, then one of each hub.
    public let path: [UInt8]
    /// Where it is found.
    public internal(set) var target: USBTarget
    /// What it says about itself.
    public let descriptor: DeviceDescriptor
    /// In what ways it can be used. At least one.
    public internal(set) var configurations: [ConfigurationDescriptor] = []
    /// The configuration in use; nil before `configure`.
    public private(set) var configuration: ConfigurationDescriptor?
    /// Who uses it.
    public internal(set) var drivers: [any USBClassDriver] = []
    /// False once it has gone.
    public internal(set) var isPresent = true

    init(_ controller: any USBHostController, path: [UInt8], target: USBTarget, descriptor: DeviceDescriptor) {
        self.controller = controller
        self.path = path
        self.target = target
        self.descriptor = descriptor
    }

    /// The first way of using it that `body` makes something of.
    public func firstConfiguration<Use>(
        _ body: (ConfigurationDescriptor) -> Use?
    ) -> (configuration: ConfigurationDescriptor, use: Use)? {
        for configuration in configurations {
            // A device that another driver uses stays as that driver wants it.
            if let chosen = self.configuration, chosen.value != configuration.value { continue }
            if let use = body(configuration) { return (configuration, use) }
        }
        return nil
    }

    // MARK: - Requests

    /// Chooses `wanted`, one of `configurations`. Does nothing when it is chosen already.
    public func configure(_ wanted: ConfigurationDescriptor) throws(USBError) {
        if let configuration {
            guard configuration.value == wanted.value else { throw .unsupported("two configurations at a time") }
            return
        }
        try request(0x00, 9, value: UInt16(wanted.value))
        configuration = wanted
    }

    /// Chooses an alternative of an interface.
    public func setInterface(_ number: UInt8, alternate: UInt8) throws(USBError) {
        try request(0x01, 11, value: UInt16(alternate), index: UInt16(number))
    }

    /// Ends the halt of an endpoint.
    public func clearHalt(_ endpoint: USBEndpoint) throws(USBError) {
        try request(0x02, 1, value: 0, index: UInt16(endpoint.address))
    }

    /// Asks an interrupt endpoint, and ends its halt when it has one.
    /// - Returns: how many bytes it gave; nil when it had nothing to say, or could not be asked.
    public func poll(_ endpoint: inout USBPolledEndpoint, into buffer: inout MutableRawSpan) -> Int? {
        do throws(USBError) {
            return try controller.poll(&endpoint, of: target, into: &buffer)
        } catch {
            if error == .stalled {
                try? clearHalt(endpoint.endpoint)
                endpoint.isOdd = false
            }
            return nil
        }
    }

    /// String `index`, with characters beyond ASCII as question marks; at most 126 characters. English, or whatever the device has.
    public func string(_ index: UInt8) throws(USBError) -> [UInt8] {
        if index == 0 { return [] }
        do throws(USBError) { return try string(index, language: 0x0409) } catch {
            // The languages it has are string 0. USB 2.0, 9.6.7.
            guard error == .stalled else { throw error }
            let languages = try read(0x80, 6, value: 0x0300, count: 255)
            guard languages.count >= 4, languages[1] == 3, languages.word(2) != 0x0409 else { throw error }
            return try string(index, language: languages.word(2))
        }
    }

    private func string(_ index: UInt8, language: UInt16) throws(USBError) -> [UInt8] {
        let bytes = try read(0x80, 6, value: 0x0300 | UInt16(index), index: language, count: 255)
        guard bytes.count >= 2, bytes[1] == 3, Int(bytes[0]) <= bytes.count else { throw .invalid("string descriptor") }
        var text: [UInt8] = []
        var offset = 2
        while offset + 1 < Int(bytes[0]) {
            let unit = bytes.word(offset)
            text.append(unit >= 0x20 && unit < 0x7F ? UInt8(unit) : 0x3F)
            offset += 2
        }
        return text
    }

    /// A request without data, or with `data` for the device. `type` is bmRequestType.
    public func request(
        _ type: UInt8, _ request: UInt8, value: UInt16 = 0, index: UInt16 = 0, data: [UInt8] = []
    ) throws(USBError) {
        guard isPresent else { throw .disconnected }
        let setup = USBSetup(type: type, request: request, value: value, index: index, length: UInt16(data.count))
        // Bytes: every pattern of bits is a value.
        try unsafe controller.control(setup, of: target, writing: data.span.bytes)
    }

    /// A request for `count` bytes at most: what the device gave. `type` is bmRequestType.
    public func read(
        _ type: UInt8, _ request: UInt8, value: UInt16 = 0, index: UInt16 = 0, count: Int
    ) throws(USBError) -> [UInt8] {
        guard isPresent else { throw .disconnected }
        return try Self.read(
            USBSetup(type: type, request: request, value: value, index: index, length: UInt16(count)), of: target,
            by: controller)
    }

    static func read(
        _ setup: USBSetup, of target: USBTarget, by controller: any USBHostController
    ) throws(USBError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(setup.length))
        var span = bytes.mutableSpan
        var raw = unsafe span.mutableBytes
        let count = try controller.control(setup, of: target, reading: &raw)
        return Array(bytes.prefix(count))
    }
}
