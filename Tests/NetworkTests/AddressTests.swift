import Interfaces
import Testing

@testable import Network

struct AddressTests {
    @Test(arguments: ["0.0.0.0", "10.0.2.15", "255.255.255.255", "127.0.0.1", "169.254.1.2"])
    func `an address reads as it is written`(text: String) {
        #expect(IPv4Address(text)?.description == text)
        #expect(IPAddress(text)?.description == text)
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.", ".1.2.3", "1..2.3", "256.1.1.1", "01.2.3.4", "1.2.3.4 ", "a.b.c.d",
    ])
    func `what is no address is refused`(text: String) { #expect(IPv4Address(text) == nil) }

    @Test func `kinds of addresses are told apart`() {
        #expect(IPv4Address(224, 0, 0, 251).isMulticast && !IPv4Address(223, 255, 255, 255).isMulticast)
        #expect(IPv4Address(169, 254, 3, 4).isLinkLocal && IPv4Address(127, 9, 9, 9).isLoopback)
        #expect(IPv4Address.broadcast.isLimitedBroadcast && IPv4Address(240, 0, 0, 1).isReserved)
        #expect(IPv4Address(192, 168, 0, 1).isUnicast && !IPv4Address.unspecified.isUnicast)
        #expect(!IPv4Address(239, 255, 0, 1).isUnicast && !IPv4Address.broadcast.isUnicast)
    }

    @Test func `an address of version 6 fits and is none of version 4`() {
        let address = IPAddress(high: 0x2001_0DB8_0000_0000, low: 1)
        #expect(address.v4 == nil && address.description == "2001:db8:0:0:0:0:0:1")
        #expect(Endpoint(address, 80).description == "[2001:db8:0:0:0:0:0:1]:80")
        #expect(IPAddress(high: 0, low: 1).isLoopback && IPAddress(high: 0, low: 0).isUnspecified)
        #expect(IPAddress(high: 0xFF02 << 48, low: 1).isMulticast)
    }

    @Test(arguments: [
        (0, "0.0.0.0"), (8, "255.0.0.0"), (23, "255.255.254.0"), (31, "255.255.255.254"), (32, "255.255.255.255"),
    ])
    func `a prefix and its mask are the same`(length: Int, mask: String) throws {
        let prefix = try #require(IPv4Prefix(IPv4Address(10, 1, 2, 3), length: length))
        #expect(prefix.mask.description == mask)
        #expect(IPv4Prefix(IPv4Address(10, 1, 2, 3), mask: prefix.mask) == prefix)
        #expect(prefix.contains(IPv4Address(10, 1, 2, 3)))
    }

    @Test func `masks with gaps and lengths beyond 32 are refused`() {
        #expect(IPv4Prefix(.unspecified, mask: IPv4Address(255, 0, 255, 0)) == nil)
        #expect(IPv4Prefix(.unspecified, length: 33) == nil && IPv4Prefix(.unspecified, length: -1) == nil)
    }

    @Test func `a network of two (RFC 3021) has no broadcast address`() {
        #expect(IPv4Prefix(IPv4Address(10, 0, 0, 0), length: 31)?.broadcast == nil)
        #expect(IPv4Prefix(IPv4Address(10, 0, 0, 9), length: 24)?.broadcast == IPv4Address(10, 0, 0, 255))
    }

    @Test func `a group maps to a hardware address by RFC 1112 section 6.4`() {
        #expect(HardwareAddress(multicast: IPv4Address(224, 128, 1, 251)).bits == 0x0100_5E00_01FB)
        #expect(HardwareAddress(multicast: IPv4Address(239, 255, 255, 250)).bits == 0x0100_5E7F_FFFA)
    }
}
