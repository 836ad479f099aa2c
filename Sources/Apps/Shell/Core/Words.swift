/// The words of a command line.
///
/// Blanks separate words. A backslash takes the meaning from the next byte; what stands between two ' or two " is one word, with its
/// blanks and, between ', its backslashes.
public enum Words {
    /// Why a line has no words.
    public enum Failure: Error, Equatable, Sendable {
        /// A quotation mark without its partner.
        case openQuote
        /// Nothing follows the last backslash.
        case openEscape

        /// One line for a person.
        public var message: StaticString {
            switch self {
            case .openQuote: "a quotation mark is not closed"
            case .openEscape: "a backslash stands at the end; it wants a character behind it"
            }
        }
    }

    /// Splits `line`.
    public static func split(_ line: [UInt8]) throws(Failure) -> [[UInt8]] {
        var scanner = WordScanner()
        for index in line.indices { scanner.take(line[index], at: index) }
        if scanner.isEscaped { throw .openEscape }
        if scanner.quote != 0 { throw .openQuote }
        return scanner.finished + (scanner.isInWord ? [scanner.word] : [])
    }

    /// The word that ends at the end of `line`, which may be unfinished.
    public static func last(of line: [UInt8]) -> (start: Int, word: [UInt8], before: [[UInt8]]) {
        var scanner = WordScanner()
        for index in line.indices { scanner.take(line[index], at: index) }
        return scanner.isInWord
            ? (scanner.start, scanner.word, scanner.finished) : (line.count, [], scanner.finished)
    }

    /// `word` written so that `split` gives it back.
    public static func escaped(_ word: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        for byte in word {
            if ASCII.isBlank(byte) || byte == ASCII.backslash || byte == 0x22 || byte == 0x27 {
                text.append(ASCII.backslash)
            }
            text.append(byte)
        }
        return text
    }
}

/// The state of splitting a line.
private struct WordScanner {
    var finished: [[UInt8]] = []
    var word: [UInt8] = []
    var isInWord = false
    /// Where the word begins.
    var start = 0
    /// The open quotation mark, or 0.
    var quote: UInt8 = 0
    var isEscaped = false

    mutating func take(_ byte: UInt8, at index: Int) {
        if isEscaped {
            isEscaped = false
            word.append(byte)
        } else if quote != 0 {
            if byte == quote {
                quote = 0
            } else if byte == ASCII.backslash, quote == 0x22 {
                isEscaped = true
            } else {
                word.append(byte)
            }
        } else if ASCII.isBlank(byte) {
            if isInWord { finished.append(word) }
            word = []
            isInWord = false
        } else {
            if !isInWord { start = index }
            isInWord = true
            if byte == 0x22 || byte == 0x27 {
                quote = byte
            } else if byte == ASCII.backslash {
                isEscaped = true
            } else {
                word.append(byte)
            }
        }
    }
}
