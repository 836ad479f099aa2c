/// Why bytes are no DNS message. The message is to be dropped and counted.
@frozen
public enum DNSMessageError: Error, Equatable, Sendable {
    /// The bytes end before what they promise does.
    case truncated
    /// A name is longer than 255 bytes, has a label of an unknown kind, or a pointer that does not lead backwards.
    case badName
    /// The data of a record are not as its type wants them.
    case badData
    /// More records than any answer has that is meant well.
    case tooManyRecords
}
