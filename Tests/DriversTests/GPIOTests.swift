import GPIO
import Interfaces
import Models
import Testing

@Suite struct GPIOTests {
    @Test(arguments: [0, 9, 10, 14, 27, 30, 42, 45] as [UInt8])
    func `a function is set for one pin alone`(number: UInt8) throws {
        let model = GPIOModel()
        let gpio = GPIO(model)
        for other in (0..<46) as Range<UInt8> where !Pin(other).isReserved {
            try gpio.setFunction(.alternative3, of: Pin(other))
        }
        try gpio.setFunction(.alternative5, of: Pin(number))
        for other in (0..<46) as Range<UInt8> where !Pin(other).isReserved {
            #expect(gpio.function(of: Pin(other)) == (other == number ? .alternative5 : .alternative3))
        }
        #expect(model.field(0x00, bits: 3, of: Int(number)) == 2)
        #expect(model.violations == [])
    }

    @Test(arguments: [(PinPull.none, 0), (.up, 1), (.down, 2)] as [(PinPull, UInt32)])
    func `pulls have the BCM2711's codes`(pull: PinPull, code: UInt32) throws {
        let model = GPIOModel()
        let gpio = GPIO(model)
        for pin in [15, 16, 31, 32, 45] as [Pin] {
            try gpio.setPull(pull, of: pin)
            #expect(model.field(0xE4, bits: 2, of: Int(pin.number)) == code)
            #expect(gpio.pull(of: pin) == pull)
        }
    }

    @Test func `levels are set, cleared and read in both banks`() throws {
        let model = GPIOModel()
        let gpio = GPIO(model)
        for pin in [5, GPIO<GPIOModel>.activityLED] as [Pin] {
            try gpio.setFunction(.output, of: pin)
            try gpio.setLevel(true, of: pin)
            #expect(gpio.isHigh(pin))
            try gpio.setLevel(false, of: pin)
            #expect(!gpio.isHigh(pin))
        }
        model.outside = 1 << 33
        #expect(gpio.isHigh(33) && !gpio.isHigh(32))
    }

    @Test(arguments: [28, 29, 46, 50, 57] as [UInt8])
    func `pins of the Ethernet PHY are left alone`(number: UInt8) {
        let model = GPIOModel()
        let gpio = GPIO(model)
        #expect(throws: DeviceError.unsupported("")) { try gpio.setFunction(.output, of: Pin(number)) }
        #expect(throws: DeviceError.unsupported("")) { try gpio.setPull(.up, of: Pin(number)) }
        #expect(throws: DeviceError.unsupported("")) { try gpio.setLevel(true, of: Pin(number)) }
        #expect(model.registers == GPIOModel().registers && model.latch == 0)
    }

    @Test(arguments: [0, 1, 2, 0xA5A5_0002] as [UInt32])
    func `the Ethernet is connected, and nothing else is changed`(gates: UInt32) throws {
        let model = GPIOModel(gates: gates)
        let gpio = GPIO(model)
        for pin in (20..<46) as Range<UInt8> where !Pin(pin).isReserved {
            try gpio.configure(Pin(pin), as: .alternative3, pull: .up)
        }
        gpio.connectEthernet()
        #expect(model.passesEthernet && model.registers[0xD0] == gates | 1)
        #expect(model.field(0xE4, bits: 2, of: 28) == 1 && model.field(0xE4, bits: 2, of: 29) == 2)
        for pin in (20..<46) as Range<UInt8> where !Pin(pin).isReserved {
            #expect(gpio.function(of: Pin(pin)) == .alternative3 && gpio.pull(of: Pin(pin)) == .up)
        }
        #expect(model.violations == [])
    }

    @Test func `there is no pin 58`() async {
        await #expect(processExitsWith: .failure) { _ = Pin(58) }
    }
}
