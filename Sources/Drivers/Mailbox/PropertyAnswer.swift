/// Where in a message the answer to a tag is found.
public struct PropertyAnswer: Sendable {
    /// The tag that was asked.
    public let tag: PropertyTag
    /// The word at which the tag starts.
    let position: Int
    /// Words there are for values.
    let capacity: Int
}
