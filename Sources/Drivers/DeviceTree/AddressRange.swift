/// How a bus sees a part of its parent's addresses: one row of `ranges` or `dma-ranges`.
public struct AddressRange: Equatable, Sendable {
    /// First address on the bus.
    public var child: UInt64
    /// The address of its parent that is the same place.
    public var parent: UInt64
    /// Length in bytes.
    public var size: UInt64

    /// `size` bytes that lie at `child` on the bus and at `parent` on its parent.
    public init(child: UInt64, parent: UInt64, size: UInt64) {
        self.child = child
        self.parent = parent
        self.size = size
    }

    /// Where a device on the bus finds what its parent has at `address`; nil when it does not reach there.
    public func child(of address: UInt64) -> UInt64? {
        guard address >= parent, address - parent < size else { return nil }
        let (sum, overflow) = child.addingReportingOverflow(address - parent)
        return overflow ? nil : sum
    }

    /// Where the parent has what a device on the bus finds at `address`; nil outside the range.
    public func parent(of address: UInt64) -> UInt64? {
        guard address >= child, address - child < size else { return nil }
        let (sum, overflow) = parent.addingReportingOverflow(address - child)
        return overflow ? nil : sum
    }
}
