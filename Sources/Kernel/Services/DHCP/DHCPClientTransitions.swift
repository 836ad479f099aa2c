import Interfaces
import Network

// What DHCPClient does between two states.
extension DHCPClient {
    /// The link is up: asks about the address that is known, or which servers are there.
    mutating func start(_ now: Instant, into transport: inout some DHCPTransport & ~Copyable) {
        guard let address = lease?.address.address ?? remembered else { return discover(now, into: &transport) }
        offered = (address, .unspecified)
        begin(.rebooting, now)
        send(.request, now, into: &transport)
    }

    /// Asks which servers are there.
    mutating func discover(_ now: Instant, into transport: inout some DHCPTransport & ~Copyable) {
        candidate = nil
        begin(.selecting, now)
        send(.discover, now, into: &transport)
    }

    /// Enters `state` with a new transaction.
    private mutating func begin(_ state: State, _ now: Instant) {
        (self.state, attempt, began, requested) = (state, 0, now, now)
        transaction = nextRandom()
    }

    /// The lease is in use; T1, which may have passed, comes next.
    mutating func bind(_ now: Instant) {
        state = .bound
        timer = lease?.renewal ?? .never
    }

    /// T1 or T2 has come, or the time to ask again.
    mutating func renew(_ now: Instant, into transport: inout some DHCPTransport & ~Copyable) {
        guard let lease else { return discover(now, into: &transport) }
        let next: State = now < lease.rebinding ? .renewing : .rebinding
        if state != next { begin(next, now) }
        // Each request has a number of its own, so that the time of the lease counts from the one that was answered.
        (requested, transaction) = (now, nextRandom())
        send(.request, now, into: &transport)
        // Section 4.4.5: after half of the time that is left, but not more often than once a minute.
        let end = next == .renewing ? lease.rebinding : lease.expiry
        let pause = max(Self.minimumRenewalPause, .nanoseconds((end - now).nanoseconds / 2))
        timer = min(end, now + pause)
    }

    /// The message in `payload` when it is from a server and answers what this client asked.
    func answer(_ payload: RawSpan) -> DHCPMessage? {
        switch state {
        case .idle, .initial, .checking, .bound: return nil
        case .selecting, .requesting, .renewing, .rebinding, .rebooting: break
        }
        guard let message = try? DHCPMessage(parsing: payload), message.operation == .reply,
            message.transaction == transaction, message.hardware == hardware
        else { return nil }
        // RFC 6842 section 3: a server may send the identifier back, and it is not ours when it differs.
        if let echo = message.options[.clientIdentifier], echo != clientIdentifier { return nil }
        return message
    }

    /// Whether an acknowledgement of `lease` is what was asked for.
    func isExpected(_ lease: Lease) -> Bool {
        let address = lease.address.address
        switch state {
        case .requesting: return address == offered.address && lease.server == offered.server
        case .rebooting: return address == offered.address
        case .renewing, .rebinding: return address == self.lease?.address.address
        default: return false
        }
    }

    /// Whether a refusal comes from the server that was asked; where all were asked, any.
    func isExpectedRefusal(_ message: DHCPMessage) -> Bool {
        // Some refuse without saying who they are, though RFC 2131 (table 3) wants it: where any may answer, that is as good as another name.
        let server = message.options.address(.serverIdentifier)
        switch state {
        case .requesting: return server == offered.server
        case .renewing: return server != nil && server == lease?.server
        case .rebooting, .rebinding: return server?.isUnicast ?? true
        default: return false
        }
    }

    /// A server lent `new`.
    mutating func take(_ new: Lease, _ now: Instant) -> Event? {
        guard new.expiry > now else { return nil }
        if lease != nil {
            // The same address goes on: nobody else had it, so that there is nothing to look for.
            lease = new
            bind(now)
            return .configured(new)
        }
        candidate = new
        (state, timer) = (.checking, new.expiry)
        return .check(new.address.address)
    }

    /// A server said no: begins again, after a pause that grows while it goes on so (a server whose offers are all refused).
    mutating func refuse(_ now: Instant, into transport: inout some DHCPTransport & ~Copyable) -> Event? {
        let wasUsed = lease != nil
        (lease, candidate, remembered) = (nil, nil, nil)
        if refusals == 0 {
            discover(now, into: &transport)
        } else {
            (state, timer) = (.initial, now + .seconds(min(Self.lastRetry, 1 << UInt64(min(refusals, 6)))))
        }
        refusals += 1
        return wasUsed ? .lost(.refused) : nil
    }
}
