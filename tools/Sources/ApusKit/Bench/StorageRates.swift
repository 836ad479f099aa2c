import Foundation

/// How fast three guests read and write the blocks of a card, in KB/s, asked in turn: `BenchStorage`, Debian's Linux and Debian's U-Boot.
struct StorageRates {
    /// Rates in the order in which they were measured.
    struct Rates {
        var read: [Int] = []
        var write: [Int] = []
    }

    private(set) var apus = Rates()
    private(set) var linux = Rates()
    private(set) var uBoot = Rates()

    /// Bytes read and written at a time; where they are written.
    private static let count = 16 << 20
    private static let target = 64 << 20

    /// What Linux does with each line `read` or `write`: 1 MiB a request, past its cache.
    private static let script = """
        #!/bin/busybox sh
        /bin/busybox --install -s /bin
        export PATH=/bin
        mount -t proc proc /proc
        mount -t sysfs sysfs /sys
        mount -t devtmpfs devtmpfs /dev
        dmesg -n 1
        for module in /modules/*; do insmod $module; done
        for i in 1 2 3 4 5 6 7 8 9; do [ -b /dev/mmcblk? ] || sleep 1; done
        card=$(echo /dev/mmcblk?)
        echo "PEER ready"
        while read word; do
            start=$(cut -d ' ' -f 1 /proc/uptime)
            case $word in
            read) dd if=$card of=/dev/null bs=1M count=\(count >> 20) iflag=direct 2> /dev/null ;;
            write) dd if=/dev/zero of=$card bs=1M count=\(count >> 20) seek=\(target >> 20) oflag=direct 2> /dev/null ;;
            esac
            echo "PEER took $start $(cut -d ' ' -f 1 /proc/uptime) seconds"
        done

        """

    /// Boots the guests and asks each, `rounds` times.
    init(_ bench: Workbench, rounds: Int) throws {
        try Files.withTemporaryDirectory { directory in
            let files = PeerFiles(repository: bench.repository)
            try files.fetch()
            try files.prepare(script: Self.script)
            // First to be stopped: it waits two seconds before it boots something.
            let uBoot = try Machine(Self.uBoot(bench, files, try StorageCard(directory + "/u-boot")))
            try uBoot.expect("Hit any key", timeout: 60)
            uBoot.type("\r")
            try uBoot.expect("U-Boot>")
            uBoot.type("mmc dev 1\r")
            try uBoot.expect("U-Boot>", timeout: 30)
            let linux = try Machine(Self.linux(bench, files, try StorageCard(directory + "/linux")))
            try linux.expect("PEER ready", timeout: 120)
            let card = try StorageCard(directory + "/apus")
            for _ in 0..<rounds {
                try measureApus(bench, card)
                self.linux.read.append(try Self.ask(linux: linux, "read"))
                self.linux.write.append(try Self.ask(linux: linux, "write"))
                self.uBoot.read.append(try Self.ask(uBoot: uBoot, "read", from: 0))
                self.uBoot.write.append(try Self.ask(uBoot: uBoot, "write", from: Self.target))
            }
        }
    }

    // MARK: The guests

    private mutating func measureApus(_ bench: Workbench, _ card: StorageCard) throws {
        let figures = try bench.runBenchStorage(card, countsInstructions: false)
        for (name, path) in [("card-read-rate", \Rates.read), ("card-write-rate", \Rates.write)] {
            guard let figure = figures[name] else {
                throw BenchError.notReported(name, application: "BenchStorage")
            }
            apus[keyPath: path].append(figure.value)
        }
    }

    private static func linux(_ bench: Workbench, _ files: PeerFiles, _ card: StorageCard) throws
        -> MachineConfiguration
    {
        var configuration = try bench.storageConfiguration(card)
        configuration.boot = .image(files.kernel)
        configuration.deviceTree = files.reducedDeviceTree
        configuration.extra = [
            "-initrd", files.initialFileSystem, "-append", "console=ttyAMA0,115200 panic=-1 maxcpus=1",
        ]
        return configuration
    }

    private static func uBoot(_ bench: Workbench, _ files: PeerFiles, _ card: StorageCard) throws
        -> MachineConfiguration
    {
        var configuration = try bench.storageConfiguration(card)
        configuration.boot = .image(files.uBoot)
        configuration.deviceTree = files.deviceTree
        configuration.usesMiniUART = true
        return configuration
    }

    // MARK: Asking

    /// Linux's own clock, in hundredths of a second.
    private static func ask(linux: Machine, _ word: String) throws -> Int {
        linux.type(word + "\r")
        let answer = try linux.expect(" seconds", timeout: 120)
        let times = answer.split(whereSeparator: \.isWhitespace).suffix(3).compactMap { Double($0) }
        guard times.count == 2, times[1] > times[0] else {
            throw BenchError.notReported("a rate", application: "Linux")
        }
        return Int(Double(count) / (times[1] - times[0]) / 1000)
    }

    /// This machine's clock: U-Boot tells none. 512 KiB at a time, for its driver fails at more.
    private static func ask(uBoot: Machine, _ word: String, from start: Int) throws -> Int {
        let places = stride(from: start, to: start + count, by: 512 << 10).map { String($0 / 512, radix: 16) }
        let clock = ContinuousClock()
        let begin = clock.now
        uBoot.type("for i in \(places.joined(separator: " ")); do mmc \(word) 10000000 $i 400; done\r")
        var done = 0
        while done < places.count {
            try uBoot.expect("blocks \(word == "read" ? "read" : "written"): OK", timeout: 60)
            done += 1
        }
        let time = clock.now - begin
        try uBoot.expect("U-Boot>")
        let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
        return Int(Double(count) / seconds / 1000)
    }
}

/// The card of such a guest: of high capacity, the front free for blocks, and a FAT volume with a file behind it.
struct StorageCard {
    let path: String
    private static let size = 4 << 30
    private static let start = 1 << 30

    init(_ path: String) throws {
        self.path = path
        try Command("truncate", ["-s", String(Self.size), path]).check()
        try Command("sfdisk", ["--quiet", path]).check(input: "start=\(Self.start / 512), type=c\n")
        let sectors = (Self.size - Self.start) / 512 / 2
        try Command("mkfs.vfat", ["-F", "32", "--offset", String(Self.start / 512), path, String(sectors)]).check()
        let file = path + ".file"
        try Files.write(PeersCheck.content(count: 8 << 20), to: file)
        try Command("mcopy", ["-i", path + "@@\(Self.start)", file, "::FILE.BIN"]).check()
    }
}
