import Interfaces
import USB

/// How an adapter carries frames.
public enum AdapterProtocol: Equatable, Sendable {
    /// CDC Ethernet Control Model: a frame is a transfer.
    case ecm
    /// Remote NDIS: a frame follows a header of 44 bytes.
    case rndis
}

/// The part of a configuration that is an Ethernet adapter: a control interface, and one for data.
struct AdapterFunction {
    var `protocol`: AdapterProtocol
    /// The control interface's number.
    var control: UInt8
    /// The data interface's number, and its alternative that has endpoints.
    var data: UInt8
    var alternate: UInt8
    var input: USBEndpoint
    var output: USBEndpoint
    /// Tells of the link, and of answers.
    var notification: USBEndpoint?
    /// iMACAddress of ECM.
    var addressString: UInt8 = 0
    /// wMaxSegmentSize of ECM: bytes in a frame.
    var segmentSize = 1514

    private enum Class {
        static var communications: UInt8 { 0x02 }
        static var wireless: UInt8 { 0xE0 }
        static var miscellaneous: UInt8 { 0xEF }
    }

    /// The function in `configuration` that speaks `protocol`; nil when there is none.
    init?(_ configuration: ConfigurationDescriptor, _ wanted: AdapterProtocol) {
        for interface in configuration.interfaces {
            guard Self.protocol(of: interface) == wanted else { continue }
            // The union names the data interface; without one it is the next. CDC 1.2, 5.2.3.2.
            let union = interface.functional(0x06, length: 5)
            let number = union?[4] ?? interface.number &+ 1
            guard let pair = configuration.bulkPair(of: number) else { continue }
            self.protocol = wanted
            control = interface.number
            data = number
            (alternate, input, output) = pair
            notification = interface.endpoint(.interrupt, isIn: true)
            if wanted == .rndis { return }
            // CDC ECM 1.2, 5.4.
            guard let ethernet = interface.functional(0x0F, length: 13) else { continue }
            addressString = ethernet[3]
            segmentSize = Int(ethernet[8]) | Int(ethernet[9]) << 8
            return
        }
        return nil
    }

    private static func `protocol`(of interface: InterfaceDescriptor) -> AdapterProtocol? {
        switch (interface.interfaceClass, interface.subclass, interface.protocol) {
        case (Class.communications, 6, _): .ecm
        // Microsoft's own number among the abstract control models, and the two that telephones use.
        case (Class.communications, 2, 0xFF), (Class.wireless, 1, 3), (Class.miscellaneous, 4, 1): .rndis
        default: nil
        }
    }
}
