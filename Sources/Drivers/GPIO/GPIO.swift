// How the device works. Each pin has a function (input, output, or one of six peripherals), a pull resistor and, as an
// output, a latch. Levels change by writing ones to the set or clear registers, which needs no reading and no lock.
// Function and pull share words with other pins: they are read, changed and written back. QEMU has no outside world: inputs read low.
import Interfaces

/// The GPIO block: functions, pulls and levels of the 58 pins.
///
/// A value without state: copy it freely. `setFunction` and `setPull` change words that pins share: the caller keeps
/// them from running at the same time. Changing a reserved pin is refused with `.unsupported`.
public struct GPIO<Bus: RegisterBus> {
    private let bus: Bus

    /// The green activity LED of the Pi 4 B: lit when high.
    public static var activityLED: Pin { 42 }

    /// The block behind `bus`, a window of 0xF4 bytes. Touches nothing.
    public init(_ bus: Bus) { self.bus = bus }

    /// Connects `pin` to `function`. Set pull and output level first, so that the pin never shows another.
    public func setFunction(_ function: PinFunction, of pin: Pin) throws(DeviceError) {
        try refuseReserved(pin)
        replace(GPIORegister.functionSelect, of: pin, by: function.rawValue)
    }

    /// What `pin` is connected to.
    public func function(of pin: Pin) -> PinFunction {
        let fields = GPIORegister.functionSelect
        let code = fields.extract(from: bus.read(fields.word(of: pin)), for: pin)
        return PinFunction(rawValue: code) ?? .input  // all eight codes have a name
    }

    /// Sets the pull resistor of `pin`.
    public func setPull(_ pull: PinPull, of pin: Pin) throws(DeviceError) {
        try refuseReserved(pin)
        replace(GPIORegister.pull, of: pin, by: pull.rawValue)
    }

    /// The pull resistor of `pin`; nil for the code that the manual reserves.
    public func pull(of pin: Pin) -> PinPull? {
        let fields = GPIORegister.pull
        return PinPull(rawValue: fields.extract(from: bus.read(fields.word(of: pin)), for: pin))
    }

    /// Drives `pin` high or low, now if it is an output, else when it becomes one.
    public func setLevel(_ isHigh: Bool, of pin: Pin) throws(DeviceError) {
        try refuseReserved(pin)
        let fields = isHigh ? GPIORegister.set : GPIORegister.clear
        bus.write(fields.place(1, for: pin), at: fields.word(of: pin))
    }

    /// Whether `pin` is high.
    public func isHigh(_ pin: Pin) -> Bool {
        let fields = GPIORegister.level
        return fields.extract(from: bus.read(fields.word(of: pin)), for: pin) != 0
    }

    /// Sets pull, then function: the order that shows no third state.
    public func configure(_ pin: Pin, as function: PinFunction, pull: PinPull) throws(DeviceError) {
        try setPull(pull, of: pin)
        try setFunction(function, of: pin)
    }

    /// Lets the frames of the on-board Ethernet pass, and connects the management bus of its PHY (pins 28 and 29). The firmware does so in
    /// every boot; without the first no frame gets through in either direction, although the link is up. Changes nothing else.
    public func connectEthernet() {
        let gates = bus.read(GPIORegister.gates)
        if gates & GPIORegister.ethernetGate == 0 {
            bus.write(gates | GPIORegister.ethernetGate, at: GPIORegister.gates)
        }
        for (pin, pull) in [(28, .up), (29, .down)] as [(Pin, PinPull)] {
            replace(GPIORegister.pull, of: pin, by: pull.rawValue)
            replace(GPIORegister.functionSelect, of: pin, by: PinFunction.alternative5.rawValue)
        }
    }

    private func replace(_ fields: PinFields, of pin: Pin, by value: UInt32) {
        let offset = fields.word(of: pin)
        bus.write(bus.read(offset) & ~fields.mask(of: pin) | fields.place(value, for: pin), at: offset)
    }

    private func refuseReserved(_ pin: Pin) throws(DeviceError) {
        if pin.isReserved { throw .unsupported("GPIO pin of the Ethernet PHY") }
    }
}
