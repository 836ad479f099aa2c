import Interfaces
import Network

// What DHCPClient sends: table 5 of RFC 2131 section 4.4.1.
extension DHCPClient {
    /// The options to ask for; the routes of RFC 3442 stand before the router, as it says.
    private static let parameters: [DHCPOptionCode] = [
        .subnetMask, .classlessRoutes, .router, .nameServer, .hostName, .domainName, .interfaceMTU, .timeServer,
        .leaseTime, .renewalTime, .rebindingTime, .domainSearch,
    ]
    /// The longest message to take: the 1500 bytes that an Ethernet frame carries.
    private static let maximumMessageSize: [UInt8] = [0x05, 0xDC]

    /// The hardware address with its type in front (RFC 2132 section 9.14).
    var clientIdentifier: [UInt8] { [1] + (0..<6).map { hardware[$0] } }

    /// Sends a message of `kind` as the state wants it, and sets the time of the next one.
    mutating func send(
        _ kind: DHCPMessage.Kind, _ now: Instant, into transport: inout some DHCPTransport & ~Copyable
    ) {
        if kind == .decline || kind == .release { transaction = nextRandom() }
        let message = message(kind, now)
        let source = message.clientAddress
        var destination = IPv4Address.broadcast
        if let lease, kind == .release || state == .renewing { destination = lease.server }
        transport.sendDHCP(message.encodedLength, from: source, to: destination) { message.emit(into: &$0) }
        guard kind == .discover || kind == .request else { return }
        attempt += 1
        timer = now + retryPause()
    }

    private func message(_ kind: DHCPMessage.Kind, _ now: Instant) -> DHCPMessage {
        var message = DHCPMessage(.request, kind, transaction: transaction, hardware: hardware)
        message.append(.clientIdentifier, clientIdentifier)
        let keepsAddress = kind == .release || state == .renewing || state == .rebinding
        if kind != .decline, keepsAddress, let lease { message.clientAddress = lease.address.address }
        switch kind {
        case .decline:
            message.append(.requestedAddress, offered.address)
            message.append(.serverIdentifier, offered.server)
        case .release:
            if let lease { message.append(.serverIdentifier, lease.server) }
        default:
            message.isBroadcast = message.clientAddress.isUnspecified
            message.seconds = seconds(now)
            appendRequest(kind, to: &message)
        }
        return message
    }

    /// What DISCOVER and REQUEST say in each state (section 4.3.2).
    private func appendRequest(_ kind: DHCPMessage.Kind, to message: inout DHCPMessage) {
        if kind == .request, state == .requesting || state == .rebooting {
            message.append(.requestedAddress, offered.address)
        } else if kind == .discover, let remembered {
            message.append(.requestedAddress, remembered)
        }
        if kind == .request, state == .requesting { message.append(.serverIdentifier, offered.server) }
        if let hostName { message.append(.hostName, hostName.bytes) }
        message.append(.maximumMessageSize, Self.maximumMessageSize)
        message.append(.parameterRequestList, Self.parameters.map { $0.rawValue })
    }

    /// `secs`: a request says the same as the DISCOVER before it, so that relays send it to the same servers (section 4.4.1).
    private func seconds(_ now: Instant) -> UInt16 {
        let end = state == .requesting ? requested : now
        return UInt16(clamping: (end - began).nanoseconds / 1_000_000_000)
    }

    /// 4, 8, 16, 32 and then always 64 s, each a second more or less (section 4.1).
    private mutating func retryPause() -> Interval {
        let seconds = min(Self.firstRetry << UInt64(min(attempt - 1, 6)), Self.lastRetry)
        let spread = (UInt64(nextRandom()) * 2_000_000_000) >> 32
        return .nanoseconds((seconds - 1) * 1_000_000_000 + spread)
    }
}
