import Interfaces

/// What is written to the PHY.
extension BCM54213PE {
    func reset(_ address: UInt8) throws(DeviceError) {
        try bus.write(PHYControl.reset.rawValue, to: PHYRegister.control, of: address)
        // What is written before the bit clears may be lost.
        let isDone = time.poll(for: .milliseconds(500), every: .milliseconds(1)) {
            // A read that fails is a PHY that is still in reset.
            guard let bits = try? bus.read(PHYRegister.control, of: address) else { return false }
            return !PHYControl(rawValue: bits).contains(.reset)
        }
        if !isDone { throw .timeout("PHY BMCR reset") }
        // The reset does not clear the power-down bit of `stop` on every part; out of it the PHY needs 40 us (notes, section 7).
        try bus.write(PHYControl.negotiate.rawValue, to: PHYRegister.control, of: address)
        time.wait(for: .microseconds(40))
    }

    /// `rgmii-rxid`: the receive clock is delayed here, the transmit clock by the MAC. Bit 9 of MISC, which one source takes for the skew, is
    /// automatic MDI-X and stays as it is. The fall-back over bad cables lies in the same register; the reset leaves it off.
    func setDelays(_ address: UInt8) throws(DeviceError) {
        let number = PHYMiscellaneous.number
        let old = try auxiliary(number, address) & PHYMiscellaneous.dataMask
        let new = PHYMiscellaneous(rawValue: old).union([.receiveSkew, .wireSpeed, .writeEnable])
        try bus.write(new.rawValue | number, to: PHYRegister.auxiliaryControl, of: address)
        let clock = try shadow(PHYShadow.clockControl, address)
        try setShadow(PHYShadow.clockControl, clock & ~PHYShadow.transmitDelay, address)
    }

    /// What the jack's lamps show. The reset has forgotten it.
    func setLamps(_ address: UInt8) throws(DeviceError) {
        let source = PHYLamps.multicolour
        try setShadow(PHYShadow.lamps1, source << 4 | source, address)
        let others = try shadow(PHYShadow.lamps2, address)
        try setShadow(PHYShadow.lamps2, others & ~0xF | source, address)
        try bus.write(PHYLamps.group, to: PHYRegister.expansionSelect, of: address)
        try bus.write(PHYLamps.modes, to: PHYRegister.expansionData, of: address)
    }

    /// Offers no energy efficient mode: with one in use the MAC can stop receiving for good (GENET erratum E5).
    func disableEnergyEfficiency(_ address: UInt8) throws(DeviceError) {
        try selectEnergyEfficiency(address)
        try bus.write(0, to: PHYRegister.deviceData, of: address)
    }

    /// Lets register 0x0E be the one with those modes.
    func selectEnergyEfficiency(_ address: UInt8) throws(DeviceError) {
        try bus.write(EnergyEfficiency.device, to: PHYRegister.deviceControl, of: address)
        try bus.write(EnergyEfficiency.register, to: PHYRegister.deviceData, of: address)
        try bus.write(
            EnergyEfficiency.dataAccess | EnergyEfficiency.device, to: PHYRegister.deviceControl, of: address)
    }

    /// Lets the link come about as it is preferred.
    func makeLink(_ address: UInt8) throws(DeviceError) {
        if case .forced(let speed, let isFullDuplex) = preference {
            let control = PHYControl.forced(speed, isFullDuplex: isFullDuplex)
            return try bus.write(control.rawValue, to: PHYRegister.control, of: address)
        }
        try bus.write(PHYAbilities.offered.rawValue, to: PHYRegister.advertisement, of: address)
        var gigabit = GigabitAbilities(rawValue: try bus.read(PHYRegister.gigabitControl, of: address))
        gigabit.insert(.full1000)
        gigabit.remove(.half1000)
        try bus.write(gigabit.rawValue, to: PHYRegister.gigabitControl, of: address)
        try negotiate(address)
    }

    func negotiate(_ address: UInt8) throws(DeviceError) {
        let control: PHYControl = [.negotiate, .restartNegotiation]
        try bus.write(control.rawValue, to: PHYRegister.control, of: address)
    }

    // MARK: - Shadow registers

    func shadow(_ number: UInt16, _ address: UInt8) throws(DeviceError) -> UInt16 {
        try bus.write(number << 10, to: PHYRegister.shadow, of: address)
        return try bus.read(PHYRegister.shadow, of: address) & PHYShadow.dataMask
    }

    /// Shadow register `number`, 0 to 7, of the auxiliary control register.
    func auxiliary(_ number: UInt16, _ address: UInt8) throws(DeviceError) -> UInt16 {
        try bus.write(number << 12 | PHYMiscellaneous.number, to: PHYRegister.auxiliaryControl, of: address)
        return try bus.read(PHYRegister.auxiliaryControl, of: address)
    }

    private func setShadow(_ number: UInt16, _ value: UInt16, _ address: UInt8) throws(DeviceError) {
        try bus.write(PHYShadow.writeEnable | number << 10 | value, to: PHYRegister.shadow, of: address)
    }
}
