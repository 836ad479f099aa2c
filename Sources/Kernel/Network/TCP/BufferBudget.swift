/// How much memory all connections of a stack together may hold in buffers, and how much they do.
///
/// A connection asks before a buffer is allocated or grows. Where the budget says no, a new buffer is smaller, down to
/// `minimumBuffer`, and one that would grow stays as it is, so that every connection keeps moving: the bound is `limit` plus two
/// small buffers for each connection.
public struct BufferBudget: Sendable {
    /// What a buffer has at least, in octets.
    public static var minimumBuffer: Int { 4096 }

    /// The bytes that may be held.
    public let limit: Int
    /// The bytes that are held.
    public private(set) var used = 0

    /// A budget of `limit` bytes.
    public init(limit: Int) { self.limit = limit }

    /// Without bound.
    public static var unlimited: BufferBudget { BufferBudget(limit: .max) }

    /// Whether `bytes` more may be held.
    func allows(_ bytes: Int) -> Bool { bytes <= limit - min(used, limit) }

    /// Somebody holds `new` bytes who held `old` before.
    mutating func charge(_ new: Int, insteadOf old: Int) { used = max(used - old, 0) + new }
}
