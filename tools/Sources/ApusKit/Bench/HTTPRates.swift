/// How many requests of 1 KiB two guests answer in a second, asked in turn by ab over a TAP interface: `BenchHTTP`, and nginx on Debian's
/// Linux.
struct HTTPRates {
    /// With how many connections.
    static let connections = [1, 16, 64]
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
        ifconfig eth0 10.0.2.15 netmask 255.255.255.0 up
        /usr/sbin/nginx -c /nginx.conf &
        sleep 5
        echo "PEER ready"
        while true; do sleep 1000; done

        """

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

    init(_ bench: Workbench) throws {
        let programs = try NetworkPrograms(repository: bench.repository) { Screen.note($0) }
        let apus = try TapGuest(bench.configuration("BenchHTTP", hasBoardDevices: true), programs)
        try apus.startLending()
        try apus.machine.expect("bench http ready", timeout: 60)
        let linux = try TapGuest(Self.linux(bench), programs)
        try linux.machine.expect("PEER ready", timeout: 180)
        for _ in 0..<Self.rounds {
            for count in Self.connections {
                let options = ["-k", "-n", "\(count == 1 ? 2000 : 4000)", "-c", "\(count)"]
                self.apus[count, default: []].append(try apus.requests(options))
                self.linux[count, default: []].append(try linux.requests(options))
            }
        }
    }

    private static func linux(_ bench: Workbench) throws -> MachineConfiguration {
        let files = PeerFiles(repository: bench.repository)
        try files.fetch()
        try files.prepare(
            script: script, adding: try files.nginx() + [("nginx.conf", Array(configuration.utf8))])
        var configuration = try bench.configuration("BenchHTTP", hasBoardDevices: true)
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

    var name: String {
        switch part {
        case .apus: "http-rate-\(connections)"
        case .linux: "http-rate-\(connections)-linux"
        case .ofLinux: "http-of-linux-\(connections)"
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

    var goal: Goal? { part == .ofLinux ? Goal(least: 500, unit: "%") : nil }

    func measure(_ bench: Workbench) throws -> Measurement {
        let rates = try bench.once("http rates") { try HTTPRates(bench) }
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
