import Network

/// Is told what happens on the links of a host. Called in the middle of a round: notes it, wakes its task, and returns.
public protocol LinkObserver: AnyObject {
    /// The link of `interface` went up or down.
    func linkChanged(_ interface: InterfaceID, isUp: Bool)
    /// An ARP packet arrived on `interface`, which the stack was asked to observe.
    func received(_ packet: ARPPacket, on interface: InterfaceID)
}
