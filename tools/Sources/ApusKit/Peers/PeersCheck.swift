import Foundation

/// The device models are right because drivers that know nothing of them work: Debian's U-Boot and Linux.
///
/// Everything stays inside QEMU: its user network answers DHCP and ping, and a program at 10.0.2.100 sends or takes
/// the file.
package struct PeersCheck {
    /// The bytes that go each way.
    static let fileSize = 50 << 20

    private let repository: Repository
    private let files: PeerFiles

    /// The check for this repository.
    package init(repository: Repository) {
        self.repository = repository
        files = PeerFiles(repository: repository)
    }

    /// What Linux does, with a line that begins with PEER for each thing that worked.
    static let script = """
        #!/bin/busybox sh
        /bin/busybox --install -s /bin
        export PATH=/bin
        mount -t proc proc /proc
        mount -t sysfs sysfs /sys
        mount -t devtmpfs devtmpfs /dev
        dmesg -n 4
        for module in /modules/*; do insmod $module || echo "$module failed"; done
        cat > /lease <<'END'
        #!/bin/sh
        [ "$1" = bound ] || exit 0
        ifconfig eth0 $ip netmask $subnet up
        echo "PEER address $ip"
        END
        chmod +x /lease
        ifconfig eth0 up
        echo "PEER hardware $(cat /sys/class/net/eth0/address)"
        udhcpc -i eth0 -s /lease -n -q -t 20 -T 1
        ping -c 3 -W 2 10.0.2.2 && echo "PEER ping answered"
        nc 10.0.2.100 1 < /dev/null > /file
        echo "PEER received $(sha256sum < /file | cut -c1-64)"
        timeout 120 nc 10.0.2.100 2 < /file > /dev/null
        echo "PEER sent"
        ifconfig eth0
        for i in 1 2 3 4 5 6 7 8 9; do [ -b /dev/mmcblk? ] || sleep 1; done
        echo "PEER card $(dmesg | grep -o 'new .* card at')"
        echo "PEER read $(dd if=$(echo /dev/mmcblk?) bs=1M count=4 2> /dev/null | sha256sum | cut -c1-64)"
        dd if=/file of=$(echo /dev/mmcblk?) bs=1M count=4 seek=8 conv=fsync 2> /dev/null
        echo "PEER done"
        poweroff -f

        """

    /// Fetches the peers, unless they are here already. Throws when they cannot be had.
    package func fetch() throws { try files.fetch() }

    /// Runs every peer and counts; lines that matter go to `report`.
    package func run(report: (String) -> Void) throws -> Tally {
        let program = try BoardEmulator(repository: repository, report: { Screen.note($0) }).build()
        try files.fetch()
        var tally = Tally()
        for (name, peer) in [("U-Boot", runUBoot), ("Linux", runLinux)] {
            do {
                for claim in try peer(program) {
                    report("  \(name): \(claim)")
                    tally.passed += 1
                }
            } catch {
                report("  \(name): \(error)")
                tally.failed += 1
            }
        }
        return tally
    }

    // MARK: U-Boot

    /// U-Boot polls ring 16 both ways.
    private func runUBoot(_ program: String) throws -> [String] {
        var configuration = MachineConfiguration(boot: .image(files.uBoot))
        configuration.program = program
        configuration.deviceTree = files.deviceTree
        configuration.usesMiniUART = true
        configuration.extra = ["-nic", "user,restrict=on"]
        let machine = try Machine(configuration)
        try machine.expect("Hit any key")
        machine.type("\r")
        try machine.expect("U-Boot>")
        machine.type("setenv autoload no; dhcp\r")
        try machine.expect("DHCP client bound to address 10.0.2.15")
        // What is typed before the prompt may be lost.
        try machine.expect("U-Boot>")
        machine.type("ping 10.0.2.2\r")
        try machine.expect("host 10.0.2.2 is alive")
        machine.powerOff()
        return ["DHCP", "ping"]
    }

    // MARK: Linux

    /// Linux uses interrupts, ring 0 behind a hardware filter, status blocks and checksums.
    private func runLinux(_ program: String) throws -> [String] {
        try files.prepare(script: Self.script)
        return try Files.withTemporaryDirectory { directory in
            let file = directory + "/file"
            try Files.write(Self.content(), to: file)
            let digest = try Command("sha256sum", [file]).check().prefix(64)
            let received = directory + "/received"
            var configuration = MachineConfiguration(boot: .image(files.kernel))
            configuration.program = program
            configuration.deviceTree = files.reducedDeviceTree
            configuration.endsOnReboot = true
            configuration.hasOneCore = true
            // Of high capacity, so that it is asked to go to 1.8 V.
            let card = directory + "/card"
            let contents = Self.content(count: 4 << 20)
            try Files.write(contents, to: card)
            try Command("truncate", ["-s", "4G", card]).check()
            configuration.card = card
            configuration.keepsWrites = true
            let forwards = [
                "guestfwd=tcp:10.0.2.100:1-cmd:cat \(file)",
                "guestfwd=tcp:10.0.2.100:2-cmd:dd of=\(received) status=none",
            ]
            configuration.extra = [
                "-initrd", files.initialFileSystem, "-append", "console=ttyAMA0,115200 panic=-1 maxcpus=1",
                "-nic", "user,restrict=on," + forwards.joined(separator: ","),
            ]
            let machine = try Machine(configuration)
            try machine.expect("PEER hardware 52:54:00:", timeout: 120)
            try machine.expect("PEER address 10.0.2.15")
            try machine.expect("PEER ping answered")
            try machine.expect("PEER received \(digest)", timeout: 180)
            try machine.expect("PEER card new ultra high speed DDR50 SDHC card", timeout: 180)
            try machine.expect("PEER read \(try SHA256.hexadecimal(contents))", timeout: 60)
            try machine.expect("PEER done", timeout: 60)
            machine.powerOff()
            _ = try machine.exitStatus()
            guard try Self.part(of: card, 8 << 20..<12 << 20) == (try Self.part(of: file, 0..<4 << 20)) else {
                throw PeersError.corrupted
            }
            guard try Command("sha256sum", [received]).check().prefix(64) == digest else {
                throw PeersError.corrupted
            }
            return [
                "the firmware's hardware address", "DHCP", "ping", "50 MB received, and the hash is right",
                "50 MB sent, and the hash is right", "the card at 1.8 V and DDR50, read and written",
            ]
        }
    }

    private static func part(of path: String, _ range: Range<Int>) throws -> Data {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? file.close() }
        try file.seek(toOffset: UInt64(range.lowerBound))
        return try file.read(upToCount: range.count) ?? Data()
    }

    /// The file: bytes that do not compress and do not repeat, the same every time.
    static func content(count: Int = fileSize) -> [UInt8] {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            for index in 0..<count {
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                buffer[index] = UInt8(truncatingIfNeeded: state >> 24)
            }
            initialized = count
        }
    }
}

/// What a peer did wrong that its console does not show.
enum PeersError: UserError {
    case corrupted

    var description: String { "what Linux sent is not what it had received" }
}
