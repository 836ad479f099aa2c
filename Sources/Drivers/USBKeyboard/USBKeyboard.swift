import Interfaces
import USB

/// A keyboard in the boot protocol, which every keyboard knows: what is typed, as a serial terminal would send it. HID 1.11, appendix B.
///
/// American layout. A key that is held down repeats.
public final class USBKeyboard: USBClassDriver {
    /// How often it is asked at most.
    private static var shortestPeriod: Interval { .milliseconds(10) }
    /// Until a key repeats, and then between two of its characters.
    private static var repetition: (delay: Interval, period: Interval) { (.milliseconds(500), .milliseconds(40)) }
    /// Bytes of a report: modifiers, nothing, six keys.
    private static var reportSize: Int { 8 }

    /// Called with what was typed, by the task of the bus.
    public var typed: (([UInt8]) -> Void)?
    /// A word for people.
    public var name: StaticString { "keyboard" }

    private var device: USBDevice?
    private var endpoint: USBPolledEndpoint?
    private var interface: UInt8 = 0
    private var period = Interval.milliseconds(10)
    private var nextPoll = Instant(nanoseconds: 0)
    private var report: [8 of UInt8] = .init(repeating: 0)
    private var isCapital = false
    /// What repeats, and when next.
    private var held: (key: UInt8, next: Instant)?

    /// A keyboard that is not there yet.
    public init() {}

    /// Takes a keyboard: see `USBClassDriver`.
    public func attach(_ device: USBDevice) throws(USBError) -> Bool {
        guard self.device == nil else { return false }
        let found = device.firstConfiguration { configuration in
            // HID, boot interface, keyboard.
            configuration.interfaces.first {
                $0.interfaceClass == 3 && $0.subclass == 1 && $0.protocol == 1
                    && $0.endpoint(.interrupt, isIn: true) != nil
            }
        }
        guard let found, let endpoint = found.use.endpoint(.interrupt, isIn: true) else { return false }
        guard endpoint.packetSize <= 64 else { throw .invalid("wMaxPacketSize") }
        try device.configure(found.configuration)
        interface = found.use.number
        // The boot protocol, and no report before something has changed. Those that know only the one may refuse.
        try? device.request(0x21, 0x0B, value: 0, index: UInt16(interface))
        try? device.request(0x21, 0x0A, value: 0, index: UInt16(interface))
        self.endpoint = USBPolledEndpoint(endpoint)
        period = max(endpoint.period(at: device.target.speed), Self.shortestPeriod)
        nextPoll = device.controller.now
        report = .init(repeating: 0)
        held = nil
        self.device = device
        return true
    }

    /// Lets go of a keyboard: see `USBClassDriver`.
    public func detach(_ device: USBDevice) {
        guard self.device === device else { return }
        self.device = nil
        endpoint = nil
        held = nil
    }

    /// Asks what was typed: see `USBClassDriver`.
    public func service(_ device: USBDevice) -> Instant {
        guard self.device === device else { return .never }
        let now = device.controller.now
        guard now >= nextPoll else { return nextPoll }
        poll(device)
        if let (key, next) = held, now >= next {
            type(key, modifiers: report[0])
            held = (key, now + Self.repetition.period)
        }
        nextPoll = now + period
        return nextPoll
    }

    private func poll(_ device: USBDevice) {
        guard var endpoint else { return }
        var bytes: [8 of UInt8] = .init(repeating: 0)
        var span = bytes.mutableSpan
        var raw = unsafe span.mutableBytes
        let count = device.poll(&endpoint, into: &raw)
        self.endpoint = endpoint
        if count == Self.reportSize { take(bytes, device) }
    }

    /// Compares a report with the one before: keys that are new were pressed.
    private func take(_ new: [8 of UInt8], _ device: USBDevice) {
        let old = report
        // 1 in every place: more keys than the keyboard can tell apart.
        if new[2] == 1 { return }
        report = new
        for index in 2..<Self.reportSize where new[index] > 3 && !contains(old, new[index]) {
            press(new[index], device)
        }
        if let (key, _) = held, !contains(new, key) { held = nil }
    }

    private func press(_ key: UInt8, _ device: USBDevice) {
        if key == KeyLayout.capsLock {
            isCapital.toggle()
            // The output report: the lamp of caps lock is bit 1.
            try? device.request(0x21, 0x09, value: 0x0200, index: UInt16(interface), data: [isCapital ? 2 : 0])
            return
        }
        type(key, modifiers: report[0])
        held = (key, device.controller.now + Self.repetition.delay)
    }

    private func type(_ key: UInt8, modifiers: UInt8) {
        // Left and right: control in bits 0 and 4, shift in 1 and 5.
        let characters = KeyLayout.characters(
            key, isShifted: modifiers & 0x22 != 0, isControl: modifiers & 0x11 != 0, isCapital: isCapital)
        if !characters.isEmpty { typed?(characters) }
    }

    private func contains(_ report: [8 of UInt8], _ key: UInt8) -> Bool {
        for index in 2..<Self.reportSize where report[index] == key { return true }
        return false
    }
}
