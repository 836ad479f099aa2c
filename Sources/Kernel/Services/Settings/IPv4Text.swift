/// IPv4 addresses as people write them. An address is a number whose most significant byte comes first.
enum IPv4Text {
    /// The address that `text` is, four numbers from 0 to 255 with dots between them.
    static func parse(_ text: [UInt8]) -> UInt32? {
        var address: UInt32 = 0
        var parts = 0
        var index = 0
        while parts < 4 {
            let start = index
            var part: UInt32 = 0
            while index < text.count, (0x30...0x39).contains(text[index]), index - start < 3 {
                part = part * 10 + UInt32(text[index] - 0x30)
                index += 1
            }
            // A leading 0 would be octal to some.
            guard index > start, part <= 255, text[start] != 0x30 || index == start + 1 else { return nil }
            address = address << 8 | part
            parts += 1
            if parts < 4 {
                guard index < text.count, text[index] == 0x2E else { return nil }
                index += 1
            }
        }
        return index == text.count ? address : nil
    }

    /// `address` in text.
    static func bytes(_ address: UInt32) -> [UInt8] {
        var text: [UInt8] = []
        for shift in [24, 16, 8, 0] as [UInt32] {
            if !text.isEmpty { text.append(0x2E) }
            text += [UInt8]((address >> shift & 0xFF).description.utf8)
        }
        return text
    }

    /// One to three addresses with commas or spaces between them, as addresses with commas; nil when it is nothing of the kind.
    static func list(_ text: [UInt8]) -> [UInt8]? {
        let parts = text.split { $0 == 0x2C || $0 == 0x20 }
        guard (1...3).contains(parts.count) else { return nil }
        var list: [UInt8] = []
        for part in parts {
            guard let address = parse([UInt8](part)) else { return nil }
            if !list.isEmpty { list.append(0x2C) }
            list += bytes(address)
        }
        return list
    }
}

/// An address and how many of its first bits are its network's.
public struct IPv4Network: Equatable, Sendable {
    /// The address; its first number is the most significant byte.
    public var address: UInt32
    /// 0 to 32.
    public var prefixLength: Int

    /// Reads `text`, such as 192.168.1.20/24.
    init?(_ text: [UInt8]) {
        guard let slash = text.firstIndex(of: 0x2F), let address = IPv4Text.parse([UInt8](text[..<slash])) else {
            return nil
        }
        let digits = text[(slash + 1)...]
        guard (1...2).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        prefixLength = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        guard prefixLength <= 32, digits.count == 1 || digits.first != 0x30 else { return nil }
        self.address = address
    }

    /// The text.
    var bytes: [UInt8] { IPv4Text.bytes(address) + [0x2F] + [UInt8](prefixLength.description.utf8) }
}
