import ApusKit
import Foundation
import Testing

extension Trait where Self == ConditionTrait {
    /// For tests that need the QEMU with the board's own devices: skipped, with the reason, where its source is out of reach.
    static var onBoardEmulator: Self {
        .enabled(if: Fixtures.reasonForNoEmulator == nil, "\(Comment(rawValue: Fixtures.reasonForNoEmulator ?? ""))")
    }
}

/// How a machine comes to its network: by the board's Ethernet, in our QEMU, or by an adapter on USB, in the one that is installed.
enum Way: Sendable {
    case ethernet
    case usb

    /// Those that there are on this machine.
    static let available: [Way] = Fixtures.reasonForNoEmulator == nil ? [.ethernet, .usb] : [.usb]

    /// What the guest calls the interface, and how fast it takes it to be.
    var name: String { self == .ethernet ? "ethernet" : "usb" }
    var speed: String { self == .ethernet ? "1000 Mb/s" : "100 Mb/s" }
}

/// A machine with a network that runs an application.
enum BoardSession {
    /// The interface's address, as QEMU gives it to its first one.
    static let guest = Machine.hardwareAddress

    static func start(
        _ image: Result<BuiltImage, any Error>, network: NetworkBackend, way: Way = .ethernet,
        _ change: (inout MachineConfiguration) -> Void = { _ in }
    ) throws -> Machine {
        try Machine(
            Fixtures.board(image) {
                switch way {
                case .ethernet:
                    $0.program = try Fixtures.emulator.get()
                    $0.network = network
                case .usb: $0.adapter = network
                }
                $0.hasOneCore = true
                change(&$0)
            })
    }

    /// `Reflect` with this program at the other end of its cable, and its link up.
    static func reflect() throws -> Machine {
        let machine = try start(Fixtures.reflect, network: .frames)
        try machine.expect("reflect: link up")
        return machine
    }

    /// A port of this machine's loopback that nobody has.
    static func freePort() throws -> Int { try #require(Loopback.freePort) }
}
