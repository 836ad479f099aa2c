import Interfaces
import USB

/// What is asked of adapters. CDC ECM 1.2, 6.2; [MS-RNDIS].
extension Adapter {
    /// The address that an ECM adapter has as a string of twelve hexadecimal digits; nil when it says something else, or has no such string.
    func ethernetAddress() throws(USBError) -> HardwareAddress? {
        let digits: [UInt8]
        do throws(USBError) { digits = try device.string(function.addressString) } catch {
            guard error == .stalled else { throw error }
            return nil
        }
        guard digits.count == 12 else { return nil }
        var bits: UInt64 = 0
        for digit in digits {
            guard let value = digit.hexadecimalDigit else { return nil }
            bits = bits << 4 | UInt64(value)
        }
        return HardwareAddress(bits: bits)
    }

    /// Lets frames for the interface and for groups through, or all of them. An adapter that knows of no filter lets everything through.
    func applyFilter(isPromiscuous: Bool) {
        needsFilter = false
        let isOpen = isPromiscuous || isForeign
        switch function.protocol {
        case .ecm:
            // SetEthernetPacketFilter: promiscuous, every group, directed, everybody.
            let filter: UInt16 = (isOpen ? 1 : 0) | 1 << 1 | 1 << 2 | 1 << 3
            try? device.request(0x21, 0x43, value: filter, index: UInt16(function.control))
        case .rndis:
            let filter = RemoteNDIS.Filter.usual | (isOpen ? RemoteNDIS.Filter.promiscuous : 0)
            _ = try? exchange(RemoteNDIS.Kind.set, [RemoteNDIS.Object.filter, 4, 20, 0, filter])
        }
    }

    // MARK: - RNDIS

    /// Makes an RNDIS adapter ready.
    /// - Returns: its address; nil when it does not say.
    func initialize() throws(USBError) -> HardwareAddress? {
        // Version 1.0, and the most that a transfer to this side may hold.
        let ready = try exchange(RemoteNDIS.Kind.initialize, [1, 0, 2047])
        guard ready[3] == 0 else { throw .unsupported("an RNDIS adapter that cannot be initialized") }
        let answer = try exchange(RemoteNDIS.Kind.query, [RemoteNDIS.Object.permanentAddress, 0, 0, 0])
        guard answer[3] == 0, let bytes = answer.information(6) else { return nil }
        return HardwareAddress(bits: bytes.reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// Sends a request of `kind` and waits for its answer, half a second at most.
    func exchange(_ kind: UInt32, _ words: [UInt32]) throws(USBError) -> RemoteNDISMessage {
        let number = requestNumber
        requestNumber &+= 1
        try send([kind, UInt32(12 + 4 * words.count), number] + words)
        for _ in 0..<50 {
            if let message = try answer(), message.kind == kind | RemoteNDIS.Kind.answer, message[2] == number {
                return message
            }
            controller.wait(for: .milliseconds(10))
        }
        throw .timeout("RNDIS answer")
    }

    /// SEND_ENCAPSULATED_COMMAND.
    func send(_ words: [UInt32]) throws(USBError) {
        try device.request(0x21, 0x00, index: UInt16(function.control), data: RemoteNDIS.message(words))
    }

    /// GET_ENCAPSULATED_RESPONSE; nil when there is none.
    func answer() throws(USBError) -> RemoteNDISMessage? {
        RemoteNDISMessage(try device.read(0xA1, 0x01, index: UInt16(function.control), count: 1024))
    }
}
