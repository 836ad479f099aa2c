/// The keys that are for the tool and not for the guest, known from QEMU: Ctrl-A and a letter.
package struct EscapeKeys {
    /// What the person wants.
    package enum Action: Equatable, Sendable {
        case send([UInt8])
        case quit
        case help
    }

    private static let controlA: UInt8 = 1
    private var isEscaped = false

    /// What to say about the keys when a console opens.
    package static let hint = "Ctrl-A X ends this, Ctrl-A H helps."

    /// What Ctrl-A H shows.
    package static let help = """
        Ctrl-A X        end this console
        Ctrl-A Ctrl-A   send Ctrl-A
        Ctrl-A H        this help
        """

    /// No key pressed yet.
    package init() {}

    /// Takes keys and returns what they mean, in order.
    package mutating func take(_ keys: [UInt8]) -> [Action] {
        var actions: [Action] = []
        var plain: [UInt8] = []
        func flush() {
            if !plain.isEmpty { actions.append(.send(plain)) }
            plain = []
        }
        for key in keys {
            guard isEscaped else {
                if key == Self.controlA { isEscaped = true } else { plain.append(key) }
                continue
            }
            isEscaped = false
            switch key {
            case UInt8(ascii: "x"), UInt8(ascii: "X"):
                flush()
                actions.append(.quit)
            case UInt8(ascii: "h"), UInt8(ascii: "H"), UInt8(ascii: "?"):
                flush()
                actions.append(.help)
            case Self.controlA:
                plain.append(key)
            default:
                plain += [Self.controlA, key]
            }
        }
        flush()
        return actions
    }
}
