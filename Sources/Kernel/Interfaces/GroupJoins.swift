/// The groups that a network device was asked to receive frames for, each with how often it was. For authors of drivers.
public struct GroupJoins {
    private var joins: [(address: HardwareAddress, count: Int)] = []

    /// No groups.
    public init() {}

    /// How many groups there are.
    public var count: Int { joins.count }

    /// Group `index`, from 0.
    public subscript(index: Int) -> HardwareAddress { joins[index].address }

    /// Counts a join: see `NetworkDevice.join`. Returns whether the group is new. Traps on an address that is no group.
    public mutating func join(_ address: HardwareAddress) -> Bool {
        precondition(address.isGroup, "NetworkDevice: only groups are joined")
        if let index = joins.firstIndex(where: { $0.address == address }) {
            joins[index].count += 1
            return false
        }
        joins.append((address, 1))
        return true
    }

    /// Undoes a join: see `NetworkDevice.leave`. Returns whether the group is gone. Traps when there was none.
    public mutating func leave(_ address: HardwareAddress) -> Bool {
        guard let index = joins.firstIndex(where: { $0.address == address }) else {
            preconditionFailure("NetworkDevice: a group is left as often as it was joined")
        }
        joins[index].count -= 1
        if joins[index].count > 0 { return false }
        joins.remove(at: index)
        return true
    }
}
