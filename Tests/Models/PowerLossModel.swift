/// What a card may hold after its power went in the middle of something: worse than the contract of `BlockDevice` says, and as bad as
/// cards are known to be.
///
/// No standard promises anything for the moment when power goes. A card programs pages of 4 to 16 KiB and copies groups of them about; what it
/// was busy with may come out torn inside a block, and what lies in the same page or group may come out as it was some time ago, as it
/// was to be, or erased. And there are cards that say that something is durable which they have in RAM.
public struct PowerLossModel {
    /// Something that a card was asked.
    public enum Event {
        case write(first: Int, bytes: [UInt8])
        case flush
    }

    /// The way in which a card fails.
    public enum Unkindness: Equatable, Sendable {
        /// The block that is being written holds the new bytes up to some place, and behind it the old ones or 0xFF.
        case torn
        /// The blocks around the one that is being written, this many bytes at a multiple of it, come out old, new or as 0xFF.
        case neighbours(Int)
        /// Up to so many of the last writes never happened, flushed or not.
        case forgetful(Int)
    }

    /// What a neighbourhood came out as.
    public enum Remains: Equatable, Sendable { case old, new, erased }

    /// A card after its power went.
    public struct Loss {
        /// What it holds.
        public var image: [UInt8]
        /// What it would hold had everything that was written before reached it.
        public var reference: [UInt8]
        /// The events that happened, as far as the card is concerned; the one in progress is not among them.
        public var events: Int
        /// The blocks that hold neither what was there before the last event nor what that wrote.
        public var damage: Range<Int>
        /// What these hold; nil when it is a mixture.
        public var remains: Remains?
    }

    private let base: [UInt8]
    private let events: [Event]
    private let blockSize: Int
    private var state: UInt64

    /// The card that held `base` and was asked `events`; what happens to it follows from `seed`.
    public init(_ base: [UInt8], _ events: [Event], blockSize: Int = 512, seed: UInt64) {
        (self.base, self.events, self.blockSize) = (base, events, blockSize)
        state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    }

    private mutating func pick(_ count: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state >> 11) % count
    }

    /// Calls `body` with what the card holds when power goes during a write: during each `step`th, from one that the seed chooses.
    public mutating func losses(_ way: Unkindness, every step: Int, _ body: (Loss) throws -> Void) rethrows {
        // The card as it was a while ago follows behind.
        let lag = 1 + pick(30)
        var (image, past) = (base, base)
        var next = pick(step)
        for (number, event) in events.enumerated() {
            if number >= lag { apply(events[number - lag], to: &past) }
            if case .write(let first, let bytes) = event, number >= next {
                next = number + step
                try body(loss(way, number, first, bytes, image, past))
            }
            apply(event, to: &image)
        }
    }

    private func apply(_ event: Event, to image: inout [UInt8]) {
        guard case .write(let first, let bytes) = event else { return }
        image.replaceSubrange(first * blockSize..<first * blockSize + bytes.count, with: bytes)
    }

    private mutating func loss(
        _ way: Unkindness, _ number: Int, _ first: Int, _ bytes: [UInt8], _ image: [UInt8], _ past: [UInt8]
    ) -> Loss {
        var loss = Loss(image: image, reference: image, events: number, damage: 0..<0, remains: nil)
        // The card has come so far with what it was given.
        let done = pick(bytes.count / blockSize)
        let start = first * blockSize
        loss.image.replaceSubrange(start..<start + done * blockSize, with: bytes[..<(done * blockSize)])
        switch way {
        case .torn:
            let (block, length) = (first + done, 1 + pick(blockSize - 1))
            let offset = done * blockSize
            for index in 0..<length { loss.image[start + offset + index] = bytes[offset + index] }
            if pick(3) == 0 {
                for index in length..<blockSize { loss.image[start + offset + index] = 0xFF }
            }
            loss.damage = block..<block + 1
        case .neighbours(let size):
            let perGroup = size / blockSize
            let group = (first + done) / perGroup * perGroup
            let blocks = group..<min(group + perGroup, image.count / blockSize)
            loss.remains = [.old, .new, .erased][pick(3)]
            for byte in blocks.lowerBound * blockSize..<blocks.upperBound * blockSize {
                switch loss.remains {
                case .old: loss.image[byte] = past[byte]
                case .erased: loss.image[byte] = 0xFF
                default: if byte >= start, byte < start + bytes.count { loss.image[byte] = bytes[byte - start] }
                }
            }
            loss.damage = blocks
        case .forgetful(let limit):
            var left = pick(limit + 1)
            var kept = number
            while kept > 0, left > 0 {
                kept -= 1
                if case .write = events[kept] { left -= 1 }
            }
            loss.image = base
            for event in events[..<kept] { apply(event, to: &loss.image) }
            loss.events = kept
        }
        return loss
    }
}
