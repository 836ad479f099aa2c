/// A Raspberry Pi 4 as QEMU is to imitate it.
package struct MachineConfiguration: Sendable {
    /// What the machine starts with.
    package enum Boot: Equatable, Sendable {
        /// `kernel8.img`, which enters at EL2 as on the board.
        case image(String)
        /// `kernel8.elf`, which enters at EL3 with all cores at once.
        case elf(String)
        /// Files put into memory; core 0 begins at the start of the first one, at EL3.
        case loaded([Blob])
        /// What the board's firmware leaves: all cores begin in its stub, at EL3, with the interrupt controller's security.
        case handedOver(HandOver)
    }

    /// A file and the address it is put at.
    package struct Blob: Equatable, Sendable {
        /// The file, taken as raw bytes.
        package let path: String
        /// Where its first byte goes.
        package let address: UInt64

        /// A file for this address.
        package init(path: String, address: UInt64) {
            self.path = path
            self.address = address
        }
    }

    /// What the machine starts with.
    package var boot: Boot
    /// The card in the slot: an image a power of two in size; nil for an empty slot.
    package var card: String?
    /// Whether the guest's writes reach the card's file. Otherwise they are gone when the machine ends.
    package var keepsWrites = false
    /// The device tree that the guest is given; nil for none, which is QEMU's default.
    package var deviceTree: String?
    /// Whether the clock counts executed instructions and leaps over idle time, so that every run is the same.
    package var countsInstructions = false
    /// Whether only core 0 exists.
    package var hasOneCore = false
    /// Where gdb finds the machine, such as `tcp:127.0.0.1:1234` or `unix:PATH,server=on,wait=off`.
    package var debugger: String?
    /// Whether the machine waits for the debugger before its first instruction.
    package var waitsForDebugger = false
    /// Whether a reboot ends the machine instead.
    package var endsOnReboot = false
    /// Whether the console is the mini UART rather than the PL011.
    package var usesMiniUART = false
    /// The emulator: a name or a path; QEMU as it is installed.
    package var program = Machine.program
    /// What the on-board network interface is plugged into; nil where the emulator has none.
    package var network: NetworkBackend?
    /// What an Ethernet adapter on USB is plugged into; nil for no adapter.
    package var adapter: NetworkBackend?
    /// The line of arguments for the guest, as in `cmdline.txt`; nil for none.
    package var bootArguments: String?
    /// More of QEMU's arguments.
    package var extra: [String] = []

    /// A machine that starts with this.
    package init(boot: Boot) {
        self.boot = boot
    }

    /// The descriptor that QEMU finds its control socket at.
    static let controlDescriptor = 3

    /// QEMU's arguments: the console on standard input and output, the control socket at descriptor 3.
    package var arguments: [String] {
        var result = ["-M", "raspi4b", "-display", "none", "-monitor", "none"]
        result += ["-chardev", "stdio,id=console,signal=off"]
        result += usesMiniUART ? ["-serial", "null"] : []
        result += ["-serial", "chardev:console"]
        result += [
            "-chardev", "socket,id=control,fd=\(Self.controlDescriptor)", "-mon", "chardev=control,mode=control",
        ]
        switch boot {
        case .image(let path), .elf(let path):
            result += ["-kernel", path]
        case .loaded(let blobs):
            for (index, blob) in blobs.enumerated() {
                let address = "0x" + String(blob.address, radix: 16)
                let core = index == 0 ? ",cpu-num=0" : ""
                result += ["-device", "loader,file=\(Self.escaped(blob.path)),addr=\(address),force-raw=on\(core)"]
            }
        case .handedOver(let handOver):
            result += handOver.arguments
        }
        if let bootArguments { result += ["-append", bootArguments] }
        if let card {
            result += ["-drive", "if=sd,format=raw,file=\(Self.escaped(card)),snapshot=\(keepsWrites ? "off" : "on")"]
        }
        if case .handedOver = boot {} else if let deviceTree { result += ["-dtb", deviceTree] }
        if countsInstructions { result += ["-icount", "shift=0,sleep=off"] }
        if hasOneCore { result += ["-global", "bcm2838.enabled-cpus=1"] }
        if let debugger { result += ["-gdb", debugger] }
        if waitsForDebugger { result.append("-S") }
        if endsOnReboot { result.append("-no-reboot") }
        if let network { result += network.arguments }
        if let adapter { result += adapter.adapterArguments }
        return result + extra
    }

    // A comma in a value is written twice.
    private static func escaped(_ value: String) -> String {
        value.split(separator: ",", omittingEmptySubsequences: false).joined(separator: ",,")
    }
}
