import Interfaces

/// Registers behind windows, for a look from outside. A window stays where it was put: who uses one puts it first.
extension BCM54213PE {
    /// Shadow register `number`, 0 to 31, of register 0x1C; ten bits.
    public func shadow(_ number: UInt8) throws(DeviceError) -> UInt16 {
        guard let address else { throw .absent }
        return try shadow(UInt16(number & 31), address)
    }

    /// Shadow register `number`, 0 to 7, of register 0x18, with the number in its last three bits.
    public func auxiliary(_ number: UInt8) throws(DeviceError) -> UInt16 {
        guard let address else { throw .absent }
        return try auxiliary(UInt16(number & 7), address)
    }

    /// Expansion register `number`, as 0x0F04.
    public func expansion(_ number: UInt16) throws(DeviceError) -> UInt16 {
        guard let address else { throw .absent }
        try bus.write(number, to: PHYRegister.expansionSelect, of: address)
        return try bus.read(PHYRegister.expansionData, of: address)
    }

    /// The energy efficient modes that are offered: MMD 7.60.
    public func offeredEnergyEfficiency() throws(DeviceError) -> UInt16 {
        guard let address else { throw .absent }
        try selectEnergyEfficiency(address)
        return try bus.read(PHYRegister.deviceData, of: address)
    }
}
