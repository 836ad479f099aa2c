import Interfaces
import MQTT

/// What a broker sends to a client that has subscribed and published: its packets, a byte before each that says what the client does first.
/// The session keeps within its bounds whatever comes.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    var rest = [UInt8](UnsafeBufferPointer(start: data, count: size))
    var options = MQTTOptions()
    options.capacity = 4
    options.receiveMaximum = 3
    options.maximumPacketSize = 512
    var session = MQTTSession(options)
    var now = Instant(nanoseconds: 1)
    session.begin(now: now)
    while let choice = rest.first {
        rest.removeFirst()
        now = now + .milliseconds(UInt64(choice) * 10)
        let quality = QualityOfService(rawValue: choice & 3) ?? .exactlyOnce
        switch choice >> 2 & 7 {
        case 1: _ = try? session.publish(MQTTMessage([0x74], [choice], quality: quality), now: now)
        case 2: try? session.subscribe([0x61 + (choice & 3)], quality, now: now)
        case 3: session.unsubscribe([0x61 + (choice & 3)], now: now)
        case 4:
            session.end()
            session.begin(now: now)
        default: break
        }
        do throws(MQTTError) {
            try session.advance(to: now)
            let (used, event) = try session.receive(rest.span.bytes, now: now)
            if used == 0 { break }
            rest.removeFirst(used)
            if case .message(let message) = event { precondition(MQTTMessage.isTopic(message.topic)) }
        } catch {
            guard case .broken = error else { preconditionFailure() }
            session.disconnect(now: now)
            session.end()
            session.begin(now: now)
        }
        precondition(session.pendingCount <= 4)
        // Every packet it sends is whole.
        let output = session.takeOutput()
        var offset = 0
        while offset < output.count {
            let left = Array(output[offset...])
            guard let length = try? MQTTPacket.length(in: left.span.bytes) else { preconditionFailure() }
            offset += length
        }
        precondition(offset == output.count)
    }
    return 0
}
