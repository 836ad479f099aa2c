import Interfaces

/// The sending half of a connection: what RFC 9293, section 3.3.1, calls the send sequence variables, and the octets.
struct Sender: ~Copyable {
    /// ISS.
    let initial: SequenceNumber
    /// SND.UNA.
    var unacknowledged: SequenceNumber
    /// SND.NXT: nothing from here on was ever sent.
    var next: SequenceNumber
    /// SND.WND in octets.
    var window = 0
    /// The largest SND.WND seen.
    var largestWindow = 0
    /// SND.WL1.
    var windowSequence = SequenceNumber(0)
    /// SND.WL2.
    var windowAcknowledgement = SequenceNumber(0)
    /// Snd.Wind.Shift.
    var shift: UInt8 = 0
    /// Octets of payload a segment carries when it has no options.
    var segmentSize: Int
    /// What the application has written and nobody has acknowledged.
    var buffer: SendStream
    /// CLOSE was called: a FIN follows the last octet.
    var isFinished = false
    /// When the last segment with data left.
    var lastSent = Instant(nanoseconds: 0)
    /// When something was last sent again.
    var lastRepeated = Instant(nanoseconds: 0)

    init(initial: SequenceNumber, configuration: borrowing TCPConfiguration) {
        self.initial = initial
        unacknowledged = initial
        next = initial
        segmentSize = 536
        buffer = SendStream(capacity: configuration.sendCapacity)
        buffer.begin(at: initial + 1)
    }

    /// The number behind everything there is to send, the FIN included.
    @inline(__always)
    var end: SequenceNumber { buffer.end + (isFinished ? 1 : 0) }
    /// Octets sent and not acknowledged.
    @inline(__always)
    var flight: Int { next - unacknowledged }
    /// Octets never sent, the FIN included.
    @inline(__always)
    var unsent: Int { end - next }
    /// Whether the FIN was sent and acknowledged.
    @inline(__always)
    var isFinAcknowledged: Bool { isFinished && unacknowledged == end }
}
