/// Rates of three guests that run side by side and are asked in turn, in Mbit/s.
struct GuestRates {
    private(set) var apusIn: [Int] = []
    private(set) var apusOut: [Int] = []
    private(set) var linuxIn: [Int] = []
    private(set) var linuxOut: [Int] = []
    private(set) var reflect: [Int] = []

    /// What Linux does: what arrives at port 9 is thrown away, port 19 sends 64 MiB, by programs that do nothing else.
    private static let script = """
        #!/bin/busybox sh
        /bin/busybox --install -s /bin
        export PATH=/bin
        mount -t proc proc /proc
        mount -t sysfs sysfs /sys
        mount -t devtmpfs devtmpfs /dev
        dmesg -n 4
        for module in /modules/*; do insmod $module; done
        ifconfig lo 127.0.0.1 up
        ifconfig eth0 10.0.2.15 netmask 255.255.255.0 up
        nc -ll -p 9 -e dd of=/dev/null bs=64k &
        nc -ll -p 19 -e dd if=/dev/zero bs=64k count=1024 &
        sleep 3
        echo "PEER ready"
        while true; do sleep 1000; done

        """

    /// Boots the guests and asks each, `rounds` times.
    init(_ bench: Workbench, rounds: Int) throws {
        let programs = try NetworkPrograms(repository: bench.repository) { Screen.note($0) }
        let apus = try TapGuest(bench.configuration("BenchNetwork", hasBoardDevices: true), programs)
        let mirror = try TapGuest(bench.configuration("Reflect", hasBoardDevices: true), programs)
        let linux = try TapGuest(Self.linux(bench), programs)
        try apus.machine.expect("bench network ready")
        try mirror.machine.expect("reflect: link up")
        try linux.machine.expect("PEER ready", timeout: 120)
        let address = Machine.hardwareAddress.map { String($0, radix: 16) }.joined(separator: ":")
        for _ in 0..<rounds {
            apusIn.append(try apus.rate("push --bytes \(64 << 20)"))
            linuxIn.append(try linux.rate("push --bytes \(64 << 20)"))
            apusOut.append(try apus.rate("pull"))
            linuxOut.append(try linux.rate("pull"))
            reflect.append(try mirror.rate("reflect --hardware \(address)"))
        }
    }

    private static func linux(_ bench: Workbench) throws -> MachineConfiguration {
        let files = PeerFiles(repository: bench.repository)
        try files.fetch()
        try files.prepare(script: script)
        var configuration = try bench.configuration("BenchNetwork", hasBoardDevices: true)
        configuration.boot = .image(files.kernel)
        configuration.deviceTree = files.reducedDeviceTree
        configuration.extra = ["-initrd", files.initialFileSystem, "-append", "console=ttyAMA0,115200 panic=-1"]
        return configuration
    }
}
