import Interfaces

/// One interface as the stack sees it: its address, its neighbours, its groups.
struct NetworkInterface: ~Copyable {
    let id: InterfaceID
    /// The interface's own address; all zero for the loopback, which has no link.
    let hardware: HardwareAddress
    let isLoopback: Bool
    let capabilities: NetworkCapabilities
    /// The longest IPv4 packet, in bytes.
    let maximumTransmissionUnit: Int
    /// The address in use; nil while there is none.
    var address: InterfaceAddress? {
        didSet { broadcast = address?.network.broadcast ?? .broadcast }
    }
    /// The address of everybody in the network; the limited one where there is none.
    private(set) var broadcast = IPv4Address.broadcast
    /// Whether frames can pass.
    var isUp = false
    var neighbors: ARPCache
    var groups: GroupMembership
    /// Whether ARP packets are shown to those above.
    var isARPObserved = false

    init(_ id: InterfaceID, _ link: LinkDescription, seed: UInt64) {
        self.id = id
        hardware = link.hardware
        isLoopback = link.isLoopback
        capabilities = link.capabilities
        maximumTransmissionUnit = link.maximumTransmissionUnit
        let packets = link.isLoopback ? 0 : 16
        neighbors = ARPCache(
            hardware: link.hardware, on: id, capacity: link.isLoopback ? 1 : 64, pendingPackets: packets,
            pendingShare: 8, packetSize: link.maximumTransmissionUnit)
        groups = GroupMembership(hardware: link.hardware, on: id, seed: seed)
    }

    // A call of a function that is not inlined would copy the whole interface.

    /// The earliest of the deadlines.
    @inline(__always)
    var deadline: Instant { min(neighbors.deadline, groups.deadline) }

    /// Whether a frame to `destination` is for this interface: a device that is promiscuous hands up all.
    @inline(__always)
    func accepts(_ destination: HardwareAddress) -> Bool { destination == hardware || destination.isGroup }

    /// Where a packet to `destination`, which has no single receiver on the link, is sent; nil when it has one.
    @inline(__always)
    func groupAddress(of destination: IPv4Address) -> HardwareAddress? {
        if destination.isMulticast { return HardwareAddress(multicast: destination) }
        if destination.isLimitedBroadcast || (address != nil && destination == address?.network.broadcast) {
            return .broadcast
        }
        return nil
    }
}

/// What the stack has to know of an interface to use it.
public struct LinkDescription: Sendable {
    /// The interface's own address.
    public var hardware: HardwareAddress
    /// The longest IPv4 packet, in bytes, 576 at least.
    public var maximumTransmissionUnit: Int
    /// What the device computes.
    public var capabilities: NetworkCapabilities
    let isLoopback: Bool

    /// An Ethernet of this address.
    public init(
        hardware: HardwareAddress, maximumTransmissionUnit: Int = 1500, capabilities: NetworkCapabilities = []
    ) {
        precondition(maximumTransmissionUnit >= 576, "a link of Apus carries 576 bytes at least")
        self.hardware = hardware
        self.maximumTransmissionUnit = maximumTransmissionUnit
        self.capabilities = capabilities
        isLoopback = false
    }

    /// The loopback: packets of up to 16 KiB that never leave.
    init(loopbackUnit: Int) {
        hardware = HardwareAddress(bits: 0)
        maximumTransmissionUnit = loopbackUnit
        capabilities = []
        isLoopback = true
    }
}

/// The interfaces of a stack: a few, never removed. Number 0 is the loopback.
@safe
struct InterfaceTable: ~Copyable {
    static let capacity = 4
    // `storage[0..<count]` is initialised from `add` to `deinit`; only this value refers to it.
    private let storage: UnsafeMutablePointer<NetworkInterface>
    private(set) var count = 0

    init() { unsafe storage = .allocate(capacity: Self.capacity) }

    deinit {
        unsafe storage.deinitialize(count: count)
        unsafe storage.deallocate()
    }

    /// Adds an interface; nil when there are `capacity` already.
    mutating func add(_ link: LinkDescription, seed: UInt64) -> InterfaceID? {
        guard count < Self.capacity else { return nil }
        let id = InterfaceID(rawValue: UInt8(count))
        unsafe (storage + count).initialize(to: NetworkInterface(id, link, seed: seed))
        count += 1
        return id
    }

    subscript(id: InterfaceID) -> NetworkInterface {
        @inline(__always)
        unsafeAddress {
            precondition(Int(id.rawValue) < count, "NetworkStack: no such interface")
            return unsafe UnsafePointer(storage + Int(id.rawValue))
        }
        @inline(__always)
        unsafeMutableAddress {
            precondition(Int(id.rawValue) < count, "NetworkStack: no such interface")
            return unsafe storage + Int(id.rawValue)
        }
    }

    /// The interface whose address is `address`.
    func owner(of address: IPv4Address) -> InterfaceID? {
        for index in 0..<count {
            let id = InterfaceID(rawValue: UInt8(index))
            if let own = self[id].address, own.address == address { return id }
        }
        return nil
    }
}
