/// A value in a JSON text (RFC 8259), with the place where it stands.
struct JSONNode: Sendable {
    /// What it is. Texts are UTF-8 with their escapes resolved; a number is what was written.
    enum Value: Sendable {
        case null
        case flag(Bool)
        case number([UInt8])
        case text([UInt8])
        case list([JSONNode])
        case object([Member])
    }

    /// A name and its value.
    struct Member: Sendable {
        var name: [UInt8]
        var position: TextPosition
        var node: JSONNode
    }

    var value: Value
    var position: TextPosition

    /// What it is, for a person.
    var kind: StaticString {
        switch value {
        case .null: "null"
        case .flag: "true or false"
        case .number: "a number"
        case .text: "a text"
        case .list: "a list"
        case .object: "an object"
        }
    }
}

/// A place in a text as editors show it: both from 1, the column in characters.
struct TextPosition: Equatable, Sendable {
    var line = 1
    var column = 1

    /// "line 3, column 14".
    var description: String { "line " + line.description + ", column " + column.description }
}

/// Where a text is no JSON, and why.
struct JSONError: Error, Sendable {
    var position: TextPosition
    var reason: StaticString
}
