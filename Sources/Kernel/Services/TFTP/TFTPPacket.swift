import Network

/// What went wrong with a transfer.
@frozen
public enum TFTPError: Error, Equatable, Sendable {
    /// What came is no packet, or none that may come now.
    case malformed
    /// The other end ends the transfer, with a code (RFC 1350, appendix I) and its words.
    case refused(UInt16, [UInt8])
    /// The other end has stopped answering.
    case timedOut
    /// The name of a file has no bytes, more than 255, or one that is zero.
    case invalidName
    /// The other end wants what was not offered.
    case badOption
}

/// A packet (RFC 1350, section 5; RFC 2347 for the options).
public enum TFTPPacket: Equatable, Sendable {
    /// `content` is where the block lies in the packet.
    case data(UInt16, content: Range<Int>)
    case acknowledgement(UInt16)
    case error(UInt16, [UInt8])
    /// The options that the other end takes.
    case options(blockSize: Int?, size: UInt64?)

    /// Reads a packet that a server sends.
    public init(parsing bytes: RawSpan) throws(TFTPError) {
        guard bytes.byteCount >= 4 || (bytes.byteCount >= 2 && bytes.word16(0) == 6) else { throw .malformed }
        switch bytes.word16(0) {
        case 3: self = .data(bytes.word16(2), content: 4..<bytes.byteCount)
        case 4:
            guard bytes.byteCount == 4 else { throw .malformed }
            self = .acknowledgement(bytes.word16(2))
        case 5:
            var words: [UInt8] = []
            var offset = 4
            // The zero at the end is often forgotten.
            while offset < bytes.byteCount, bytes.byte(offset) != 0, words.count < 128 {
                words.append(bytes.byte(offset))
                offset += 1
            }
            self = .error(bytes.word16(2), words)
        case 6: self = try Self.options(bytes)
        default: throw .malformed
        }
    }

    private static func options(_ bytes: RawSpan) throws(TFTPError) -> TFTPPacket {
        var offset = 2
        var (blockSize, size): (Int?, UInt64?)
        while offset < bytes.byteCount {
            let name = try text(bytes, &offset).map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
            let value = try number(try text(bytes, &offset))
            if name == Array("blksize".utf8) {
                guard blockSize == nil, (8...65464).contains(value) else { throw .badOption }
                blockSize = Int(value)
            } else if name == Array("tsize".utf8) {
                guard size == nil else { throw .badOption }
                size = value
            } else {
                throw .badOption
            }
        }
        return .options(blockSize: blockSize, size: size)
    }

    private static func text(_ bytes: RawSpan, _ offset: inout Int) throws(TFTPError) -> [UInt8] {
        var text: [UInt8] = []
        while offset < bytes.byteCount, text.count <= 32 {
            let byte = bytes.byte(offset)
            offset += 1
            if byte == 0 { return text }
            text.append(byte)
        }
        throw .malformed
    }

    private static func number(_ digits: [UInt8]) throws(TFTPError) -> UInt64 {
        guard (1...18).contains(digits.count) else { throw .badOption }
        var value: UInt64 = 0
        for digit in digits {
            guard digit >= 0x30, digit <= 0x39 else { throw .badOption }
            value = value * 10 + UInt64(digit & 15)
        }
        return value
    }

    /// An ERROR packet.
    public static func error(_ code: UInt16, _ words: StaticString) -> [UInt8] {
        var bytes: [UInt8] = [0, 5, UInt8(code >> 8), UInt8(code & 255)]
        unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: words.utf8Start, count: words.utf8CodeUnitCount))
        bytes.append(0)
        return bytes
    }
}
