import Interfaces

/// Interrupts: each is silenced by its handler, and comes back when the task has looked once more. Under load there is one for a batch; the
/// task polls meanwhile.
extension GENET {
    /// Reads, silences and acknowledges: see `NetworkDevice`. Three register accesses, one when there was nothing.
    public func takeInterrupts() -> NetworkInterrupts {
        let bank = GENETRegister.interrupts
        // The status shows silenced ones, too. To report one of those does no harm, and spares reading the mask.
        let pending = bus.read(bank.status).intersection([.receiveDone, .transmitDone])
        if pending.isEmpty { return [] }
        bus.write(pending, to: bank.maskSet)
        bus.write(pending, to: bank.clear)
        var causes: NetworkInterrupts = []
        if pending.contains(.receiveDone) { causes.insert(.receive) }
        if pending.contains(.transmitDone) { causes.insert(.transmit) }
        return causes
    }

    /// Lets interrupts through, unless there is something to do: see `NetworkDevice`. Three register accesses for one cause.
    ///
    /// What happened before the clearing is found by the look that follows it; what happens after it latches again, and
    /// interrupts as soon as it is let through. So nothing is lost, and nothing old comes again.
    public func arm(_ causes: NetworkInterrupts) -> Bool {
        guard isRunning, !causes.isEmpty else { return true }
        if causes.contains(.receive) && received != arrived { return false }
        let bank = GENETRegister.interrupts
        var bits: GENETInterrupts = []
        if causes.contains(.receive) { bits.insert(.receiveDone) }
        if causes.contains(.transmit) { bits.insert(.transmitDone) }
        bus.write(bits, to: bank.clear)
        if causes.contains(.receive) && findFrames() { return false }
        if causes.contains(.transmit) {
            reclaim()
            if Ring.distance(from: consumed, to: produced) < Ring.size - 1 { return false }
        }
        armed = causes
        bus.write(bits, to: bank.maskClear)
        return true
    }
}
