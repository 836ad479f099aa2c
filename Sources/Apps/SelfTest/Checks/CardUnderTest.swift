import Interfaces
import RaspberryPi4

/// The card that a report is about.
public enum CardUnderTest {
    /// A card, and the device through which it may be read.
    case inserted(Board.CardSlot, any BlockDevice)
    /// None, or none that works.
    case missing(BlockError)
}
