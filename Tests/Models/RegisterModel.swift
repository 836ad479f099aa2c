import Interfaces

/// A model of a device: it is there, so probing it is reading it.
public protocol RegisterModel: RegisterBus {}

extension RegisterModel {
    /// Reads.
    public func probe(_ offset: Int) -> UInt32? { read(offset) }
}
