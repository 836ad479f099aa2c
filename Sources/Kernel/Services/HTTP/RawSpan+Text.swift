import Network

// Text of a message, in place: ranges of the bytes that hold it. Eight bytes at a time are looked through where that is possible; integers are
// not among the types for which loading is unsafe, and each load is checked against the span.
extension RawSpan {
    /// The byte at `offset`, which the caller has compared with the ends of the span.
    @inline(__always)
    func known(_ offset: Int) -> UInt8 { unsafe unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self) }

    /// The place of the first line feed from `start` on; the end of the span when there is none.
    func lineFeed(from start: Int) -> Int {
        var index = start
        while byteCount - index >= 8 {
            let marks = unsafe unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self).littleEndian.marksOfZeros(
                after: 0x0A0A_0A0A_0A0A_0A0A)
            if marks != 0 { return index + marks.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < byteCount, byte(index) != 0x0A { index += 1 }
        return index
    }

    /// The place of the first byte from `start` on that is neither a letter nor a hyphen, or of an earlier one.
    func letters(from start: Int) -> Int {
        var index = start
        while byteCount - index >= 8 {
            let word = unsafe unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self).littleEndian
            // In small letters: at least 0x61, and not above 0x7A. What a byte from 0x80 on carries over does not reach those below it.
            let folded = word | 0x2020_2020_2020_2020
            let isLetter =
                (folded &+ 0x1F1F_1F1F_1F1F_1F1F) & ~(folded &+ 0x0505_0505_0505_0505) & ~word & 0x8080_8080_8080_8080
            let hyphens = word ^ 0x2D2D_2D2D_2D2D_2D2D
            let isHyphen = ~((hyphens & 0x7F7F_7F7F_7F7F_7F7F) &+ 0x7F7F_7F7F_7F7F_7F7F | hyphens)
            let others = ~(isLetter | isHyphen) & 0x8080_8080_8080_8080
            if others != 0 { return index + others.trailingZeroBitCount / 8 }
            index += 8
        }
        return index
    }

    /// The place of the first control character but a tab from `start` on; the end of the span when there is none.
    func controlCharacter(from start: Int) -> Int {
        var index = start
        while byteCount - index >= 8 {
            let word = unsafe unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self).littleEndian
            // Below 0x20, or 0x7F. The lowest mark is right whatever is above it.
            let below = (word &- 0x2020_2020_2020_2020) & ~word & 0x8080_8080_8080_8080
            let marks = below | word.marksOfZeros(after: 0x7F7F_7F7F_7F7F_7F7F)
            if marks == 0 {
                index += 8
                continue
            }
            index += marks.trailingZeroBitCount / 8
            if byte(index) != 0x09 { return index }
            index += 1
        }
        while index < byteCount {
            let byte = byte(index)
            if byte < 0x20 ? byte != 0x09 : byte == 0x7F { break }
            index += 1
        }
        return index
    }

    /// Whether the bytes in `range` are `text`.
    package func equals(_ range: Range<Int>, _ text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        precondition(range.lowerBound >= 0 && range.upperBound <= byteCount, "a range of the text")
        // `text` has as many bytes as `range`.
        var index = 0
        while index < range.count {
            if unsafe known(range.lowerBound &+ index) != text.utf8Start[index] { return false }
            index &+= 1
        }
        return true
    }

    /// Whether the bytes in `range` are `text`, in whatever letters; `text` has small letters, digits and marks below 0x40.
    package func equalsIgnoringCase(_ range: Range<Int>, _ text: StaticString) -> Bool {
        let (start, count) = (range.lowerBound, range.count)
        guard count == text.utf8CodeUnitCount else { return false }
        precondition(start >= 0 && range.upperBound <= byteCount, "a range of the text")
        if count < 8 {
            var index = 0
            while index < count {
                let (own, other) = unsafe (known(start &+ index), text.utf8Start[index])
                if (own ^ other) & ~((other & 0x40) >> 1) != 0 { return false }
                index &+= 1
            }
            return true
        }
        var index = 0
        while index &+ 8 < count {
            if unsafe !sameLetters(start &+ index, text.utf8Start + index) { return false }
            index &+= 8
        }
        // The last eight, some of them for the second time.
        return unsafe sameLetters(start &+ count &- 8, text.utf8Start + (count &- 8))
    }

    /// Whether the eight bytes at `offset` are those of `text` but for the bit that makes a letter a small one.
    @inline(__always)
    private func sameLetters(_ offset: Int, _ text: UnsafePointer<UInt8>) -> Bool {
        let own = unsafe unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self)
        let other = unsafe UnsafeRawPointer(text).loadUnaligned(as: UInt64.self)
        return (own ^ other) & ~((other & 0x4040_4040_4040_4040) >> 1) == 0
    }

    /// `range` without blanks and tabs at both ends (OWS, RFC 9110, section 5.6.3).
    package func trimmed(_ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, byte(start).isBlank { start += 1 }
        while end > start, byte(end - 1).isBlank { end -= 1 }
        return start..<end
    }

    /// The decimal number in `range`: digits and nothing else; nil for none and for what does not fit.
    package func decimal(_ range: Range<Int>) -> UInt64? {
        guard !range.isEmpty else { return nil }
        var value: UInt64 = 0
        for index in range {
            let digit = byte(index) &- 0x30
            guard digit < 10 else { return nil }
            let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, isStillTooLarge) = product.addingReportingOverflow(UInt64(digit))
            if isTooLarge || isStillTooLarge { return nil }
            value = sum
        }
        return value
    }

    /// Calls `body` with each element of the list in `range`, without empty ones (RFC 9110, section 5.6.1), until it returns false.
    /// What stands between quotation marks is not looked into.
    package func forEachElement(of range: Range<Int>, _ body: (Range<Int>) -> Bool) {
        var start = range.lowerBound
        var index = start
        var isQuoted = false
        while index <= range.upperBound {
            let isEnd = index == range.upperBound
            if !isEnd, byte(index) == 0x22 { isQuoted.toggle() }
            if !isEnd, isQuoted, byte(index) == 0x5C, index + 1 < range.upperBound { index += 1 }
            if isEnd || (!isQuoted && byte(index) == 0x2C) {
                let element = trimmed(start..<index)
                if !element.isEmpty, !body(element) { return }
                start = index + 1
            }
            index += 1
        }
    }
}

extension UInt64 {
    /// The highest bit of each byte that is the one in `pattern`, as far as the first of them; higher bytes may be marked wrongly.
    fileprivate func marksOfZeros(after pattern: UInt64) -> UInt64 {
        let differences = self ^ pattern
        return (differences &- 0x0101_0101_0101_0101) & ~differences & 0x8080_8080_8080_8080
    }
}

extension UInt8 {
    /// Blank or tab.
    var isBlank: Bool { self == 0x20 || self == 0x09 }

    /// Whether it may stand in a token (RFC 9110, section 5.6.2).
    var isTokenCharacter: Bool {
        // A bit for each of them: 0x21, 0x23-0x27, 0x2A, 0x2B, 0x2D, 0x2E, digits; letters, 0x5E-0x60, 0x7C, 0x7E.
        let low: UInt64 = 0x03FF_6CFA_0000_0000
        let high: UInt64 = 0x57FF_FFFF_C7FF_FFFE
        return self < 0x80 && (self < 0x40 ? low : high) >> UInt64(self & 0x3F) & 1 != 0
    }

    /// Whether it may stand in the name of a host or behind it: letters, digits, `-._~`, `:`, brackets of IPv6, sub-delims and percent signs
    /// (RFC 3986, section 3.2.2).
    var isHostCharacter: Bool {
        // 0x21, 0x24-0x2E, 0x30-0x3B, 0x3D; letters, 0x5B, 0x5D, 0x5F, 0x7E.
        let low: UInt64 = 0x2FFF_7FF2_0000_0000
        let high: UInt64 = 0x47FF_FFFE_AFFF_FFFE
        return self < 0x80 && (self < 0x40 ? low : high) >> UInt64(self & 0x3F) & 1 != 0
    }

    /// Whether it may stand in a path as it is: unreserved characters, sub-delims, colon, at sign and slash (RFC 3986, section 3.3).
    var isPathCharacter: Bool {
        // 0x21, 0x24, 0x26-0x3B, 0x3D; 0x40, letters, 0x5F, 0x7E.
        let low: UInt64 = 0x2FFF_FFD2_0000_0000
        let high: UInt64 = 0x47FF_FFFE_87FF_FFFF
        return self < 0x80 && (self < 0x40 ? low : high) >> UInt64(self & 0x3F) & 1 != 0
    }
}
