// BCM2711 ARM Peripherals, chapter 5 "General Purpose I/O", section 5.2 "Register View".
import Interfaces

/// The GPIO block's registers, in groups: each holds a field for every pin.
enum GPIORegister {
    /// GPFSELn: three bits a pin, ten pins a word.
    static var functionSelect: PinFields { PinFields(0x00, bits: 3, pinsPerWord: 10) }
    /// GPSETn: write one to drive high.
    static var set: PinFields { PinFields(0x1C, bits: 1, pinsPerWord: 32) }
    /// GPCLRn: write one to drive low.
    static var clear: PinFields { PinFields(0x28, bits: 1, pinsPerWord: 32) }
    /// GPLEVn: the level at the pin.
    static var level: PinFields { PinFields(0x34, bits: 1, pinsPerWord: 32) }
    /// GPIO_PUP_PDN_CNTRL_REGn: two bits a pin.
    static var pull: PinFields { PinFields(0xE4, bits: 2, pinsPerWord: 16) }
    /// Not in the datasheet, measured on a board: bit 0 lets Ethernet frames pass, bit 1 puts the card slot on EMMC1.
    static var gates: Int { 0xD0 }
    static var ethernetGate: UInt32 { 1 }
}

/// A group of registers with a field for each pin.
struct PinFields {
    private let offset: Int
    private let bits: UInt32
    private let pinsPerWord: UInt32

    init(_ offset: Int, bits: UInt32, pinsPerWord: UInt32) {
        self.offset = offset
        self.bits = bits
        self.pinsPerWord = pinsPerWord
    }

    /// Where the word lies that holds the field of `pin`.
    func word(of pin: Pin) -> Int { offset + Int(UInt32(pin.number) / pinsPerWord) * 4 }

    /// `value` in the field of `pin`, all other bits zero.
    func place(_ value: UInt32, for pin: Pin) -> UInt32 { value << shift(of: pin) }

    /// The bits of the field of `pin`.
    func mask(of pin: Pin) -> UInt32 { place((1 << bits) - 1, for: pin) }

    /// The field of `pin` in `word`.
    func extract(from word: UInt32, for pin: Pin) -> UInt32 { word >> shift(of: pin) & ((1 << bits) - 1) }

    private func shift(of pin: Pin) -> UInt32 { UInt32(pin.number) % pinsPerWord * bits }
}
