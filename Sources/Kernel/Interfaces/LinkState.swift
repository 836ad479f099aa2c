/// What connects an interface with the other end of its cable.
@frozen
public enum LinkState: Equatable, Sendable {
    /// Nothing: no cable, no partner, or both still negotiate.
    case down
    /// A connection of this kind.
    case up(LinkMode)

    /// Whether frames can pass.
    @inlinable
    public var isUp: Bool { self != .down }
}

/// How two ends of a cable have agreed to talk.
@frozen
public struct LinkMode: Equatable, Sendable {
    /// Bits per second on the cable.
    @frozen
    public enum Speed: UInt32, Comparable, Sendable {
        /// 10 Mb/s.
        case megabits10 = 10
        /// 100 Mb/s.
        case megabits100 = 100
        /// 1000 Mb/s.
        case megabits1000 = 1000

        /// Whether `left` is slower than `right`.
        @inlinable
        public static func < (left: Speed, right: Speed) -> Bool { left.rawValue < right.rawValue }
    }

    /// The speed, the same in both directions.
    public var speed: Speed
    /// Whether both ends may send at the same time.
    public var isFullDuplex: Bool
    /// Whether the partner's pause frames are to be obeyed. Never in half duplex.
    public var obeysPause: Bool
    /// Whether pause frames may be sent to the partner. Never in half duplex.
    public var sendsPause: Bool

    /// A mode of `speed`, without flow control unless it is named.
    @inlinable
    public init(_ speed: Speed, isFullDuplex: Bool, obeysPause: Bool = false, sendsPause: Bool = false) {
        self.speed = speed
        self.isFullDuplex = isFullDuplex
        self.obeysPause = isFullDuplex && obeysPause
        self.sendsPause = isFullDuplex && sendsPause
    }
}

/// How the mode of a link comes about.
@frozen
public enum LinkPreference: Equatable, Sendable {
    /// The two ends negotiate the best mode that both can do.
    case negotiated
    /// This mode, without a word: for partners that fail to negotiate. Both ends have to be told the same, or frames are lost;
    /// there is no flow control.
    case forced(LinkMode.Speed, isFullDuplex: Bool)
}
