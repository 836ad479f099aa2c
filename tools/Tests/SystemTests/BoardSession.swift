import ApusKit
import Foundation
import Testing

extension Trait where Self == ConditionTrait {
    /// For tests that need the QEMU with the board's own devices: skipped, with the reason, where its source is out of reach.
    static var onBoardEmulator: Self {
        .enabled(if: Fixtures.reasonForNoEmulator == nil, "\(Comment(rawValue: Fixtures.reasonForNoEmulator ?? ""))")
    }
}

/// A machine with the board's own devices that runs an application.
enum BoardSession {
    /// The interface's address, as QEMU gives it to its first one.
    static let guest = Machine.hardwareAddress

    static func start(
        _ image: Result<BuiltImage, any Error>, network: NetworkBackend,
        _ change: (inout MachineConfiguration) -> Void = { _ in }
    ) throws -> Machine {
        var configuration = MachineConfiguration(boot: .image(try image.get().image))
        configuration.program = try Fixtures.emulator.get()
        configuration.network = network
        configuration.hasOneCore = true
        change(&configuration)
        return try Machine(configuration)
    }

    /// `Reflect` with this program at the other end of its cable, and its link up.
    static func reflect() throws -> Machine {
        let machine = try start(Fixtures.reflect, network: .frames)
        try machine.expect("reflect: link up")
        return machine
    }

    /// A port of this machine's loopback that nobody has.
    static func freePort() throws -> Int {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> UInt16? in
                guard bind(socket, address, size) == 0, getsockname(socket, address, &size) == 0 else { return nil }
                return pointer.pointee.sin_port.bigEndian
            }
        }
        return Int(try #require(port))
    }
}
