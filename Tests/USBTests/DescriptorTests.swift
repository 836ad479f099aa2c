import Interfaces
import Models
import Testing
import USB

/// Reading what devices say about themselves.
@Suite struct DescriptorTests {
    static let whole = AdapterModel().configurationDescriptors[1]

    @Test func `a configuration is read with its interfaces, alternatives and endpoints`() throws {
        let configuration = try ConfigurationDescriptor(Self.whole)
        #expect(configuration.value == 1)
        #expect(configuration.interfaces.map { [$0.number, $0.alternate] } == [[0, 0], [1, 0], [1, 1]])
        #expect(configuration.interfaces[0].functional.count == 3)
        #expect(configuration.interfaces[0].functional(0x0F, length: 13)?[3] == 3)
        let pair = try #require(configuration.bulkPair(of: 1))
        #expect(pair.alternate == 1 && pair.input.packetSize == 64 && pair.output.number == 2)
    }

    @Test func `a configuration that ends too early is refused wherever that is`() {
        for count in 0..<Self.whole.count {
            #expect(throws: USBError.invalid("")) { try ConfigurationDescriptor(Array(Self.whole.prefix(count))) }
        }
    }

    @Test(
        arguments: [
            [9, 2, 18, 0, 1, 1, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0],
            [9, 2, 18, 0, 1, 1, 0, 0, 0, 1, 4, 0, 0, 0, 0, 0, 0, 0],
            [9, 2, 18, 0, 1, 1, 0, 0, 0, 20, 4, 0, 0, 0, 0, 0, 0, 0],
            [9, 2, 16, 0, 1, 1, 0, 0, 0, 7, 5, 0x81, 2, 64, 0, 0],
            [9, 2, 15, 0, 1, 1, 0, 0, 0, 6, 4, 0, 0, 0, 0],
            [8, 2, 9, 0, 1, 1, 0, 0, 0], [9, 3, 9, 0, 1, 1, 0, 0, 0], [9, 2, 8, 0, 1, 1, 0, 0, 0],
        ] as [[UInt8]]) func `descriptors that cannot be are refused`(bytes: [UInt8])
    {
        #expect(throws: USBError.invalid("")) { try ConfigurationDescriptor(bytes) }
    }

    @Test(
        arguments: [
            // Endpoint 0, packets of nothing as isochronous endpoints without bandwidth have them, packets that are too long, no length.
            [7, 5, 0x80, 2, 64, 0, 0], [7, 5, 0x83, 1, 0, 0, 1], [7, 5, 0x81, 2, 0xFF, 7, 0], [6, 5, 0x81, 2, 64, 0],
        ] as [[UInt8]]) func `endpoints that cannot be are left out, and the others stay`(bytes: [UInt8]) throws
    {
        let good: [UInt8] = [7, 5, 0x82, 3, 8, 0, 10]
        let parts = [9, 4, 0, 0, 2, 3, 1, 1, 0] + bytes + good
        let configuration = try ConfigurationDescriptor([9, 2, UInt8(9 + parts.count), 0, 1, 1, 0, 0, 0] + parts)
        #expect(configuration.interfaces[0].endpoints.map(\.address) == [0x82])
    }

    @Test func `intervals are milliseconds, or powers of microframes`() {
        let endpoint = USBEndpoint(number: 1, isIn: true, transfer: .interrupt, packetSize: 8, interval: 10)
        #expect(endpoint.period(at: .full) == .milliseconds(10))
        #expect(endpoint.period(at: .high) == .milliseconds(64))
        #expect(
            USBEndpoint(number: 1, isIn: true, transfer: .interrupt, packetSize: 8).period(at: .low) == .milliseconds(1)
        )
    }
}
