import Network

/// Where a DHCP client puts the datagrams it sends.
public protocol DHCPTransport: ~Copyable {
    /// Sends a UDP datagram of `length` bytes from port 68 of `source` to port 67 of `destination`.
    ///
    /// `source` is unspecified while there is no address. The limited broadcast goes to every station of the link, without a route. The
    /// transport owns the buffer; `fill` has it for the duration of the call and writes all of it. A transport without room drops the
    /// datagram: to the client it was lost on the way.
    mutating func sendDHCP(
        _ length: Int, from source: IPv4Address, to destination: IPv4Address, _ fill: (inout MutableRawSpan) -> Void)
}
