import Interfaces

/// The filter of destination addresses: 17 exact ones, or none.
extension GENET {
    /// Addresses of groups that the filter holds, beside broadcast and our own. With more groups everything is received.
    static var filteredGroups: Int { 15 }

    /// Joins a group: see `NetworkDevice`.
    public func join(_ address: HardwareAddress) {
        if groups.join(address), isRunning { updateFilter() }
    }

    /// Leaves a group: see `NetworkDevice`.
    public func leave(_ address: HardwareAddress) {
        if groups.leave(address), isRunning { updateFilter() }
    }

    /// Programs the filter. Everything is let through while its addresses change, so that nothing wanted is lost.
    func updateFilter() {
        command.insert(.promiscuous)
        bus.write(command, to: GENETRegister.command)
        bus.write(0, to: GENETRegister.filterControl)
        if isPromiscuous || groups.count > Self.filteredGroups { return }
        // Broadcast needs a place of its own.
        setFilter(0, to: .broadcast)
        setFilter(1, to: hardwareAddress)
        for index in 0..<groups.count { setFilter(index + 2, to: groups[index]) }
        // Filter i is enabled by bit 16 - i.
        let count = UInt32(groups.count + 2)
        bus.write((1 << count - 1) << (17 - count), to: GENETRegister.filterControl)
        command.remove(.promiscuous)
        bus.write(command, to: GENETRegister.command)
    }

    private func setFilter(_ index: Int, to address: HardwareAddress) {
        bus.write(UInt32(address.bits >> 32), to: GENETRegister.filterUpper(index))
        bus.write(UInt32(truncatingIfNeeded: address.bits), to: GENETRegister.filterLower(index))
    }
}
