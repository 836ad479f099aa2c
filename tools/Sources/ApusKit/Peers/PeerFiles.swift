import Foundation

/// Other people's drivers for the board's devices: Debian's kernel and U-Boot, unpacked into `.cache/peers`.
struct PeerFiles {
    private let directory: String

    /// The modules that make the interface and the card work, in the order in which they need each other.
    private static let modules = [
        "net/phy/libphy", "net/mdio/fwnode_mdio", "net/phy/fixed_phy", "net/mdio/of_mdio",
        "net/mdio/mdio-bcm-unimac", "net/phy/bcm-phy-lib", "net/phy/bcm-phy-ptp", "net/phy/broadcom",
        "net/ethernet/broadcom/genet/genet", "regulator/fixed", "regulator/gpio-regulator", "mmc/host/sdhci",
        "mmc/host/sdhci-pltfm", "mmc/host/sdhci-iproc",
    ]
    /// The modules that make the USB controller and an adapter for Ethernet work.
    private static let usbModules = [
        "usb/common/usb-common", "usb/core/usbcore", "usb/roles/roles", "usb/gadget/udc/udc-core", "usb/dwc2/dwc2",
        "net/mii", "net/usb/usbnet", "net/usb/cdc_ether",
    ]
    private static let usbNode = "/soc/usb@7e980000"
    /// The nodes of the device tree that QEMU has no device for, and that Linux would stumble over.
    private static let absent = [
        "/gpu", "/scb/gpu@7ec00000", "/soc/txp@7e004000", "/soc/hvs@7e400000", "/soc/dsi@7e700000",
        "/soc/i2c@7ef04500", "/soc/i2c@7ef09500", "/soc/hdmi@7ef00700", "/soc/hdmi@7ef05700", "/soc/clock@7ef00000",
        "/soc/interrupt-controller@7ef00100", "/soc/pixelvalve@7e206000", "/soc/pixelvalve@7e207000",
        "/soc/pixelvalve@7e20a000", "/soc/pixelvalve@7e216000", "/soc/pixelvalve@7ec12000", "/soc/vec@7ec13000",
        "/soc/pwm@7e20c000", "/soc/pwm@7e20c800", "/soc/local_intc@40000000", "/soc/avs-monitor@7d5d2000",
        "/soc/rng@7e104000", usbNode, "/soc/i2c@7e804000", "/soc/mailbox@7e00b840",
    ]

    /// The files of this repository; `fetch` brings them.
    init(repository: Repository) {
        directory = repository.path(".cache/peers")
    }

    private var root: String { directory + "/root" }

    /// U-Boot for any 64-bit Raspberry Pi.
    var uBoot: String { root + "/usr/lib/u-boot/rpi_arm64/u-boot.bin" }
    /// Linux.
    var kernel: String { root + "/boot/vmlinuz-" + version }
    /// The board's device tree as Debian ships it.
    var deviceTree: String { root + "/usr/lib/linux-image-\(version)/broadcom/bcm2711-rpi-4-b.dtb" }
    /// Linux's device tree without what QEMU lacks.
    var reducedDeviceTree: String { directory + "/reduced.dtb" }
    /// Linux's first file system.
    var initialFileSystem: String { directory + "/initrd" }

    private var version: String {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root + "/boot")) ?? []
        return names.filter { $0.hasPrefix("vmlinuz-") }.max().map { String($0.dropFirst(8)) } ?? "unknown"
    }

    /// Downloads and unpacks what is not there.
    func fetch() throws {
        guard !Files.exists(uBoot) || !Files.exists(kernel) || !Files.exists(root + "/bin/busybox") else { return }
        guard let debian = Debian() else { throw EmulatorError.noSource("this is no Debian") }
        let source = "deb [arch=arm64] \(debian.mirror) \(debian.codename) main"
        let apt = try PrivateApt(
            directory: directory + "/apt", sources: [source], architectures: ["amd64", "arm64"])
        try apt.update()
        guard let kernel = try apt.dependencies(of: "linux-image-arm64:arm64").first else {
            throw EmulatorError.noSource("there is no arm64 kernel")
        }
        let name = kernel.split(separator: ":").first.map(String.init) ?? kernel
        for package in [name, "busybox-static", "u-boot-rpi"] {
            try apt.download([package + ":arm64"])
            guard let file = apt.file(beginning: package + "_", ending: ".deb") else {
                throw EmulatorError.noSource("apt brought no \(package)")
            }
            try Command("dpkg-deb", ["--extract", file, root]).check()
        }
    }

    /// nginx and the libraries it needs, by the paths that Linux looks for them at; downloads what is not there.
    func nginx() throws -> [(name: String, content: [UInt8])] {
        let extra = directory + "/nginx"
        if !Files.exists(extra + "/usr/sbin/nginx") {
            guard let debian = Debian() else { throw EmulatorError.noSource("this is no Debian") }
            let source = "deb [arch=arm64] \(debian.mirror) \(debian.codename) main"
            let apt = try PrivateApt(
                directory: directory + "/apt", sources: [source], architectures: ["amd64", "arm64"])
            try apt.update()
            for package in ["libc6", "libcrypt1", "libpcre2-8-0", "libssl3", "zlib1g", "nginx"] {
                try apt.download([package + ":arm64"])
                guard let file = apt.file(beginning: package + "_", ending: ".deb") else {
                    throw EmulatorError.noSource("apt brought no \(package)")
                }
                try Command("dpkg-deb", ["--extract", file, extra]).check()
            }
        }
        var files = [(name: "usr/sbin/nginx", content: try Files.read(extra + "/usr/sbin/nginx"))]
        let loader = "lib/ld-linux-aarch64.so.1"
        files.append((loader, try Files.read(extra + "/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1")))
        for library in ["libc.so.6", "libcrypt.so.1", "libpcre2-8.so.0", "libssl.so.3", "libcrypto.so.3", "libz.so.1"] {
            let places = ["/lib/aarch64-linux-gnu/", "/usr/lib/aarch64-linux-gnu/"].map { extra + $0 + library }
            guard let place = places.first(where: Files.exists) else {
                throw EmulatorError.noSource("there is no \(library)")
            }
            files.append(("lib/aarch64-linux-gnu/" + library, try Files.read(place)))
        }
        files.append(("etc/passwd", Array("root:x:0:0::/:/bin/sh\n".utf8)))
        files.append(("etc/group", Array("root:x:0:\n".utf8)))
        return files
    }

    /// Lets Linux find the USB controller as a host, without the firmware and the PHY that QEMU lacks.
    private func enableUSB() throws {
        for (property, value) in [("status", "okay"), ("dr_mode", "host")] {
            try Command("fdtput", ["-t", "s", reducedDeviceTree, Self.usbNode, property, value]).check()
        }
        for property in ["power-domains", "phys", "phy-names"] {
            try Command("fdtput", ["-d", reducedDeviceTree, Self.usbNode, property]).check()
        }
    }

    /// Makes the device tree and the first file system, whose `init` is `script`, with `extra` files; for the board's own interface and card, or
    /// for what is on USB.
    func prepare(
        script: String, adding extra: [(name: String, content: [UInt8])] = [], hasUSB: Bool = false
    ) throws {
        Files.remove(reducedDeviceTree)
        try Files.write(try Files.read(deviceTree), to: reducedDeviceTree)
        for node in Self.absent {
            try Command("fdtput", ["-t", "s", reducedDeviceTree, node, "status", "disabled"]).check()
        }
        try Command("fdtput", ["-r", reducedDeviceTree, "/soc/serial@7e201000/bluetooth"]).check()
        if hasUSB { try enableUSB() }
        var files = InitialFileSystem()
        for name in ["bin", "dev", "proc", "sys", "modules"] { files.addDirectory(name) }
        files.addConsole()
        files.addFile("bin/busybox", try Files.read(root + "/bin/busybox"))
        for (index, module) in (hasUSB ? Self.usbModules : Self.modules).enumerated() {
            let path = root + "/lib/modules/\(version)/kernel/drivers/\(module).ko"
            // Two digits, so that the names are in order.
            files.addFile("modules/\(index / 10)\(index % 10).ko", try Files.read(path))
        }
        if !extra.isEmpty {
            for name in ["etc", "lib", "lib/aarch64-linux-gnu", "usr", "usr/sbin"] { files.addDirectory(name) }
        }
        for file in extra { files.addFile(file.name, file.content) }
        files.addFile("init", Array(script.utf8))
        files.finish()
        try Files.write(files.bytes, to: initialFileSystem)
    }
}
