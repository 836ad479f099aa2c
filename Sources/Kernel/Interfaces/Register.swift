/// The meaning of the 32 bits of a register. An `OptionSet` over `UInt32` conforms as it is.
public protocol RegisterFields {
    /// The bits as the device holds them.
    var rawValue: UInt32 { get set }

    /// The fields held in `rawValue`.
    init(rawValue: UInt32)
}

extension RegisterFields {
    /// The field in `bits` (most and least significant bit included), moved down to bit 0. A value that is set and
    /// does not fit is cut off: the fields beside it keep theirs.
    @inlinable
    public subscript(bits: ClosedRange<UInt32>) -> UInt32 {
        get { rawValue >> bits.lowerBound & Self.mask(bits) }
        set {
            let mask = Self.mask(bits)
            rawValue = rawValue & ~(mask << bits.lowerBound) | (newValue & mask) << bits.lowerBound
        }
    }

    @inlinable
    static func mask(_ bits: ClosedRange<UInt32>) -> UInt32 { .max >> (31 - (bits.upperBound - bits.lowerBound)) }
}

/// A register of a device: where it lies in the device's block, and what its bits mean.
@frozen
public struct Register<Value>: Sendable {
    /// Bytes from the start of the block, a multiple of four.
    public let offset: Int

    /// The register `offset` bytes into the block.
    @inlinable
    public init(_ offset: Int) { self.offset = offset }
}

extension RegisterBus {
    /// Reads `register`.
    @inlinable
    public func read<Value: RegisterFields>(_ register: Register<Value>) -> Value {
        Value(rawValue: read(register.offset))
    }

    /// Reads `register`, which is one number.
    @inlinable
    public func read(_ register: Register<UInt32>) -> UInt32 { read(register.offset) }

    /// Writes `value` to `register`.
    @inlinable
    public func write<Value: RegisterFields>(_ value: Value, to register: Register<Value>) {
        write(value.rawValue, at: register.offset)
    }

    /// Writes `value` to `register`, which is one number.
    @inlinable
    public func write(_ value: UInt32, to register: Register<UInt32>) { write(value, at: register.offset) }

    /// Reads `register`, lets `change` alter the value and writes it back. Not for registers with write-one-to-clear
    /// bits; the caller keeps others from writing the register meanwhile.
    @inlinable
    public func modify<Value: RegisterFields>(_ register: Register<Value>, _ change: (inout Value) -> Void) {
        var value = read(register)
        change(&value)
        write(value, to: register)
    }
}
