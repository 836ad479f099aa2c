/// How many requests of 1 KiB two guests answer in a second, asked in turn by ab over a TAP interface: `BenchHTTP`, and nginx on Debian's
/// Linux; by the board's own interface, or by an adapter on USB.
struct HTTPRates {
    /// With how many connections.
    static func connections(onUSB: Bool) -> [Int] { onUSB ? [1, 16] : [1, 16, 64] }
    static let rounds = 3

    private(set) var apus: [Int: [Int]] = [:]
    private(set) var linux: [Int: [Int]] = [:]

    private static let script = """
        #!/bin/busybox sh
        /bin/busybox --install -s /bin
        export PATH=/bin
        mount -t proc proc /proc
        mount -t sysfs sysfs /sys
        mount -t devtmpfs devtmpfs /dev
        dmesg -n 1
        for module in /modules/*; do insmod $module; done
        mkdir -p /var/lib/nginx /var/log/nginx /www
        for i in 1 2 3 4 5 6 7 8; do
            for j in 1 2 3 4 5 6 7 8; do echo -n xxxxxxxxxxxxxxxx; done
        done > /www/1k
        ifconfig lo 127.0.0.1 up
        for i in 1 2 3 4 5 6 7 8 9 10; do [ -e /sys/class/net/eth0 ] || sleep 1; done
        ifconfig eth0 10.0.2.15 netmask 255.255.255.0 up
        /usr/sbin/nginx -c /nginx.conf &
        sleep 5
        echo "PEER ready"

        """
    /// What Linux does then: nothing, on USB once it has said what its controller interrupts while nothing happens.
    private static let counting = """
        sleep 5
        before=$(awk '/dwc2/ { print $2 }' /proc/interrupts)
        sleep 10
        echo "PEER interrupts $(awk '/dwc2/ { print $2 }' /proc/interrupts) $before"

        """
    private static let resting = "while true; do sleep 1000; done\n"

    /// One process that only serves: what a master, logs and a disk cost is left out.
    private static let configuration = """
        user root;
        daemon off;
        master_process off;
        pid /nginx.pid;
        error_log /dev/null;
        events { worker_connections 1024; }
        http {
            access_log off;
            keepalive_requests 1000000000;
            server { listen 80; root /www; }
        }

        """

    /// Interrupts of Linux's USB controller in a second in which nobody asks.
    private(set) var linuxInterrupts: Int?

    init(_ bench: Workbench, onUSB: Bool = false) throws {
        let programs = try NetworkPrograms(repository: bench.repository) { Screen.note($0) }
        let apus = try TapGuest(bench.configuration("BenchHTTP", hasBoardDevices: !onUSB), programs, onUSB: onUSB)
        try apus.startLending()
        try apus.machine.expect("bench http ready", timeout: 60)
        let linux = try TapGuest(Self.linux(bench, onUSB: onUSB), programs, onUSB: onUSB)
        try linux.machine.expect("PEER ready", timeout: 180)
        if onUSB { linuxInterrupts = try Self.interrupts(linux.machine) }
        for _ in 0..<Self.rounds {
            for count in Self.connections(onUSB: onUSB) {
                let requests = (count == 1 ? 2000 : 4000) / (onUSB ? 4 : 1)
                let options = ["-k", "-n", "\(requests)", "-c", "\(count)"]
                self.apus[count, default: []].append(try apus.requests(options))
                self.linux[count, default: []].append(try linux.requests(options))
            }
        }
    }

    /// What Linux counts in ten seconds in which nothing happens, a second of them.
    private static func interrupts(_ machine: Machine) throws -> Int {
        try machine.expect("PEER interrupts ", timeout: 60)
        let words = try machine.expect("\n").split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        guard words.count == 2 else { throw BenchError.notReported("interrupts", application: "Linux") }
        return (words[0] - words[1]) / 10
    }

    private static func linux(_ bench: Workbench, onUSB: Bool) throws -> MachineConfiguration {
        let files = PeerFiles(repository: bench.repository)
        try files.fetch()
        try files.prepare(
            script: script + (onUSB ? counting : "") + resting,
            adding: try files.nginx() + [("nginx.conf", Array(configuration.utf8))], hasUSB: onUSB)
        var configuration = try bench.configuration("BenchHTTP", hasBoardDevices: !onUSB)
        configuration.boot = .image(files.kernel)
        configuration.deviceTree = files.reducedDeviceTree
        configuration.extra = [
            "-initrd", files.initialFileSystem, "-append", "console=ttyAMA0,115200 panic=-1 maxcpus=1",
        ]
        return configuration
    }
}

/// Requests a second: this system, nginx on Linux, or one of the other.
struct HTTPRateFigure: Benchmark {
    enum Part: Sendable {
        case apus, linux, ofLinux
    }

    let connections: Int
    let part: Part
    var onUSB = false

    var name: String {
        let group = onUSB ? "usb-" : ""
        return switch part {
        case .apus: group + "http-rate-\(connections)"
        case .linux: group + "http-rate-\(connections)-linux"
        case .ofLinux: group + "http-of-linux-\(connections)"
        }
    }

    var title: String {
        let connections = connections == 1 ? "1 connection" : "\(connections) connections"
        return switch part {
        case .apus: "requests of 1 KiB a second, \(connections)"
        case .linux: "the same, nginx on Linux"
        case .ofLinux: "requests a second of nginx on Linux, \(connections)"
        }
    }

    var method: String {
        switch part {
        case .apus: "`BenchHTTP`, ab over a TAP interface; median of \(HTTPRates.rounds) (least to most)"
        case .linux: "Debian's kernel and nginx, one process; in turn with the above"
        case .ofLinux: "medians"
        }
    }

    var goal: Goal? { part == .ofLinux ? Goal(least: onUSB ? 100 : 500, unit: "%") : nil }

    func measure(_ bench: Workbench) throws -> Measurement {
        let rates = try bench.once(onUSB ? "http rates over usb" : "http rates") { try HTTPRates(bench, onUSB: onUSB) }
        let (own, linux) = (rates.apus[connections] ?? [], rates.linux[connections] ?? [])
        return switch part {
        case .apus: Self.measurement(own)
        case .linux: Self.measurement(linux)
        case .ofLinux: Measurement(value: Self.median(own) * 100 / max(Self.median(linux), 1), unit: "%")
        }
    }

    private static func median(_ values: [Int]) -> Int { values.sorted()[values.count / 2] }

    private static func measurement(_ values: [Int]) -> Measurement {
        Measurement(value: median(values), unit: "requests/s (\(values.min() ?? 0) to \(values.max() ?? 0))")
    }
}
