/// What a network interface is plugged into.
package enum NetworkBackend: Equatable, Sendable {
    /// A network inside QEMU with a way out, DHCP at 10.0.2.2; a port of this machine's loopback leads to one of the
    /// guest's. Host port 0 is one that nobody else has.
    case user(hostPort: Int, guestPort: Int)
    /// An interface of this machine.
    case tap(String)
    /// A socket as QEMU describes it, such as `listen=127.0.0.1:5000`.
    case socket(String)
    /// This program: `Machine.frames` is the other end of the cable.
    case frames
    /// Nothing: no carrier.
    case none

    /// The backend that the option `--nic` names, or nil if it names none.
    package init?(_ text: String, hostPort: Int = 8080, guestPort: Int = 80) {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        switch (parts.first, parts.count) {
        case ("genet", 1), ("user", 1): self = .user(hostPort: hostPort, guestPort: guestPort)
        case ("none", 1): self = .none
        case ("tap", 2): self = .tap(parts[1])
        case ("socket", 2): self = .socket(parts[1])
        default: return nil
        }
    }

    /// The descriptor that QEMU finds the other end of `frames` at.
    static let framesDescriptor = MachineConfiguration.controlDescriptor + 1

    /// QEMU's arguments for the on-board interface.
    var arguments: [String] { ["-nic", description("net0") ?? "none"] }

    /// The network behind the USB adapter, by this name: `device_add usb-net,netdev=usbnet` in the monitor plugs another one in.
    package static let adapterNetwork = "usbnet"
    /// QEMU's arguments for an adapter on USB, by the name `adapter`.
    var adapterArguments: [String] {
        guard let network = description(Self.adapterNetwork) else { return [] }
        return ["-netdev", network, "-device", "usb-net,netdev=\(Self.adapterNetwork),id=adapter"]
    }

    private func description(_ name: String) -> String? {
        switch self {
        case .user(let hostPort, let guestPort):
            "user,id=\(name),hostfwd=tcp:127.0.0.1:\(hostPort)-:\(guestPort)"
        case .tap(let interface): "tap,id=\(name),ifname=\(interface),script=no,downscript=no"
        case .socket(let description): "socket,id=\(name),\(description)"
        case .frames: "socket,id=\(name),fd=\(Self.framesDescriptor)"
        case .none: nil
        }
    }
}
