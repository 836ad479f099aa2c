import Interfaces

// Numbers in network order at any offset. Every access is checked against the span and traps outside of it; parsers compare
// lengths first and so never reach that trap. `unsafeLoadUnaligned` is unsafe only for types that not every pattern of bits
// is a value of; integers are not among them.

extension RawSpan {
    /// The byte at `offset`.
    @inline(__always)
    package func byte(_ offset: Int) -> UInt8 { unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self) }

    /// The 16-bit number at `offset`.
    @inline(__always)
    package func word16(_ offset: Int) -> UInt16 {
        UInt16(bigEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    /// The 32-bit number at `offset`.
    @inline(__always)
    package func word32(_ offset: Int) -> UInt32 {
        UInt32(bigEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    /// The IPv4 address at `offset`.
    @inline(__always)
    package func ipv4Address(_ offset: Int) -> IPv4Address { IPv4Address(bits: word32(offset)) }

    /// The hardware address at `offset`.
    @inline(__always)
    package func hardwareAddress(_ offset: Int) -> HardwareAddress {
        HardwareAddress(bits: UInt64(word16(offset)) << 32 | UInt64(word32(offset + 2)))
    }
}

extension MutableRawSpan {
    /// Writes the byte at `offset`.
    @inline(__always)
    package mutating func set(_ offset: Int, _ value: UInt8) { storeBytes(of: value, toByteOffset: offset, as: UInt8.self) }

    /// Writes the 16-bit number at `offset`.
    @inline(__always)
    package mutating func set(_ offset: Int, _ value: UInt16) {
        storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt16.self)
    }

    /// Writes the 32-bit number at `offset`.
    @inline(__always)
    package mutating func set(_ offset: Int, _ value: UInt32) {
        storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt32.self)
    }

    /// Writes the IPv4 address at `offset`.
    @inline(__always)
    package mutating func set(_ offset: Int, _ address: IPv4Address) { set(offset, address.bits) }

    /// Writes the hardware address at `offset`.
    @inline(__always)
    package mutating func set(_ offset: Int, _ address: HardwareAddress) {
        set(offset, UInt16(truncatingIfNeeded: address.bits >> 32))
        set(offset + 2, UInt32(truncatingIfNeeded: address.bits))
    }

    /// Copies all of `bytes` to `offset`.
    package mutating func copy(_ bytes: RawSpan, to offset: Int) {
        precondition(
            offset >= 0 && offset <= byteCount && bytes.byteCount <= byteCount - offset, "copy past the buffer")
        // Both ranges were checked above; an exclusive span and a shared one never overlap.
        unsafe withUnsafeMutableBytes { target in
            unsafe bytes.withUnsafeBytes { source in
                guard source.count > 0 else { return }
                unsafe UnsafeMutableRawBufferPointer(rebasing: target[offset..<offset + source.count])
                    .copyMemory(from: source)
            }
        }
    }
}
