import DeviceTree

/// What the loader passed as a device tree.
public enum PassedTree {
    /// Nothing: the firmware's mailbox is asked instead.
    case none
    /// A tree, the memory that it takes, and what it says that the board is.
    case readable(Range<UInt64>, model: String?)
    /// Something that begins as a tree does and is none; nothing of it is believed.
    case unreadable(Range<UInt64>)
}

extension Board {
    /// What the loader passed as a device tree. Looks anew at each call.
    public static var passedTree: PassedTree {
        let place = PhysicalMemory.tree
        if place.isEmpty { return .none }
        guard let tree = PhysicalMemory.deviceTree() else { return .unreadable(place) }
        return .readable(place, model: tree.root.property("model")?.string)
    }
}
