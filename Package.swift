// swift-tools-version: 6.2
// The firmware: everything that can be linked into a kernel8.img. It builds for the board
// (aarch64-none-none-elf with toolset.json; `./apus build` does that) and for the host, where it is tested.
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .enableExperimentalFeature("Lifetimes"),
    .enableExperimentalFeature("Extern"),
]

func kernel(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/Kernel/\(name)", swiftSettings: settings)
}

/// What applications use beside devices and files: protocols on top of the network, settings.
func service(_ name: String, _ dependencies: [Target.Dependency] = ["Interfaces", "Network"]) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/Kernel/Services/\(name)", swiftSettings: settings)
}

func driver(_ name: String, _ dependencies: [Target.Dependency] = ["Interfaces"]) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/Drivers/\(name)", swiftSettings: settings)
}

/// An application; `exclude` names what else lies in its folder.
func app(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "Sources/Apps/\(name)", exclude: ["README.md"] + exclude,
        swiftSettings: settings)
}

/// A part of an application that others use or that is tested by itself.
func part(_ name: String, of path: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/Apps/\(path)", swiftSettings: settings)
}

func test(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: [.swiftLanguageMode(.v6)])
}

/// One driver a device; each knows only the contract in Interfaces.
let devices = [
    "PL011", "MiniUART", "GIC400", "SystemTimer", "Mailbox", "GPIO", "RNG200", "PowerManagement", "AVSMonitor",
    "SDHCI", "GENET", "BCM54213PE", "DWC2",
]

/// The applications: what each imports, and what else lies in its folder.
let applications: [(name: String, dependencies: [Target.Dependency], exclude: [String])] = [
    ("Hello", ["RaspberryPi4"], []),
    ("Echo", ["RaspberryPi4", "RaspberryPi4Network"], []),
    ("Fetch", ["RaspberryPi4", "RaspberryPi4Network", "Resolving", "HTTP", "Web"], []),
    ("Telemetry", ["RaspberryPi4", "RaspberryPi4Network", "AVSMonitor", "Resolving", "MQTT", "Messaging"], []),
    ("TimeOfDay", ["RaspberryPi4", "RaspberryPi4Network", "Resolving", "TimeKeeping"], []),
    (
        "WebServer",
        [
            "RaspberryPi4", "RaspberryPi4Network", "Storage", "HTTP", "Metrics", "Web", "TimeKeeping",
            "ZeroConfiguration",
        ], ["status.png"]
    ),
    ("Iperf", ["RaspberryPi4", "RaspberryPi4Network", "IperfEngine"], ["Protocol", "Engine"]),
    ("Ping", ["RaspberryPi4", "RaspberryPi4Network", "PingEngine"], ["Engine"]),
    ("NetDump", ["RaspberryPi4", "Network", "Storage"], []),
    ("Reflect", ["RaspberryPi4"], []),
    (
        "Shell",
        [
            "RaspberryPi4", "RaspberryPi4USB", "USB", "USBStorage", "RaspberryPi4Network", "Storage", "KeyValue",
            "SavedLog", "Settings", "DNS", "Resolving", "TimeKeeping", "RemoteLog", "TFTP", "FileTransfer", "ShellCore",
            "SelfTestChecks", "IperfEngine", "IperfProtocol", "PingEngine",
        ],
        ["Core", "files"]
    ),
    ("SelfTest", ["RaspberryPi4", "SelfTestChecks"], ["Checks"]),
    ("Bench", ["Boot", "RaspberryPi4"], []),
    ("BenchEthernet", ["Boot", "RaspberryPi4", "GENET", "BCM54213PE"], []),
    ("BenchNetwork", ["Boot", "RaspberryPi4", "RaspberryPi4Network"], []),
    ("BenchHTTP", ["RaspberryPi4", "RaspberryPi4Network", "HTTP", "Web"], []),
    ("BenchStorage", ["RaspberryPi4", "Storage", "KeyValue"], []),
]

let package = Package(
    name: "Apus",
    products: [
        .library(
            name: "Apus",
            targets: [
                "Interfaces", "Runtime", "Storage", "KeyValue", "Settings", "SavedLog", "Network", "Sockets", "Links",
                "DHCP", "DNS", "HTTP", "StationAddresses", "Resolving", "MDNS", "ZeroConfiguration", "NTP",
                "TimeKeeping", "WebSocket", "Metrics", "Web", "MQTT", "Messaging", "TFTP", "FileTransfer",
                "RemoteLog",
                "RaspberryPi4", "RaspberryPi4Network",
            ]),
        // The readers of formats that come from outside, without the board: what Tests/Fuzz is built from.
        .library(
            name: "ApusFormats",
            targets: [
                "Interfaces", "Storage", "KeyValue", "Settings", "Network", "DHCP", "DNS", "HTTP", "WebSocket", "NTP",
                "MDNS", "MQTT", "TFTP",
                "DeviceTree", "USB", "CDCEthernet", "USBKeyboard", "USBStorage", "SDHCI", "Mailbox",
            ]),
        // What the host command shares with the firmware: the store and the settings on a card.
        .library(name: "ApusCard", targets: ["Interfaces", "Storage", "KeyValue", "Settings"]),
        // What the boot firmware does with a card, for the host command's tests.
        .library(name: "ApusFirmwareModel", targets: ["FirmwareModel"]),
    ] + applications.map { .executable(name: $0.name, targets: [$0.name]) },
    targets: [
        .target(name: "Boot", path: "Sources/Boot"),
        kernel("Interfaces"),
        kernel("Runtime", ["Boot", "Interfaces"]),
        kernel("Storage", ["Interfaces"]),
        kernel("KeyValue", ["Interfaces"]),
        service("Settings", ["Interfaces", "Storage", "KeyValue"]),
        service("SavedLog", ["Interfaces", "Storage"]),
        kernel("Network", ["Interfaces"]),
        kernel("Sockets", ["Interfaces", "Network", "Runtime"]),
        // Links to wrap around any device.
        kernel("Links", ["Interfaces", "Network", "Runtime", "Sockets"]),
        service("DHCP"),
        service("DNS"),
        service("HTTP"),
        // Named so that it comes after Runtime: the linker takes what several modules hold from the first one, in the order of their names,
        // with the metadata of all classes beside it. Modules with classes that few applications use stand at the end.
        service("StationAddresses", ["Interfaces", "Network", "Runtime", "Sockets", "DHCP"]),
        service("Resolving", ["Interfaces", "Runtime", "Network", "Sockets", "DHCP", "DNS"]),
        service("NTP"),
        service("MDNS", ["Interfaces", "Network", "DNS"]),
        service("ZeroConfiguration", ["Interfaces", "Runtime", "Network", "Sockets", "DNS", "MDNS"]),
        service("TimeKeeping", ["Interfaces", "Runtime", "Network", "Sockets", "NTP"]),
        service("WebSocket", ["Interfaces", "Network", "HTTP"]),
        service("MQTT"),
        service("TFTP"),
        service("FileTransfer", ["Interfaces", "Runtime", "Network", "Sockets", "TFTP"]),
        service("RemoteLog", ["Interfaces", "Runtime", "Network", "Sockets"]),
        service("Messaging", ["Interfaces", "Runtime", "Network", "Sockets", "Resolving", "MQTT"]),
        service("Metrics", ["Interfaces", "Runtime", "Network", "Sockets"]),
        service(
            "Web",
            [
                "Interfaces", "Runtime", "Network", "Sockets", "Resolving", "DNS", "Storage", "HTTP", "WebSocket",
                "Metrics",
            ]),
        driver("DeviceTree", []),
        // The bus that USB's controllers carry, and what hangs on it.
        driver("USB"),
        driver("CDCEthernet", ["Interfaces", "USB"]),
        driver("USBKeyboard", ["Interfaces", "USB"]),
        driver("USBStorage", ["Interfaces", "USB"]),
        driver("RaspberryPi4", ["Boot", "Interfaces", "Runtime", "DeviceTree"] + devices.map { .byName(name: $0) }),
        // The part of the board's wiring that brings USB.
        driver(
            "RaspberryPi4USB",
            [
                "Interfaces", "Runtime", "RaspberryPi4", "Mailbox", "PL011", "DWC2", "USB", "CDCEthernet",
                "USBKeyboard", "USBStorage",
            ]),
        // The part of the board's wiring that brings a network, for applications that want one.
        driver(
            "RaspberryPi4Network",
            [
                "Interfaces", "Runtime", "Network", "Sockets", "StationAddresses", "DHCP", "RaspberryPi4",
                "RaspberryPi4USB", "CDCEthernet", "RNG200", "SystemTimer",
            ]),
        part("IperfProtocol", of: "Iperf/Protocol", []),
        part("IperfEngine", of: "Iperf/Engine", ["Interfaces", "Runtime", "Network", "Sockets", "IperfProtocol"]),
        part("PingEngine", of: "Ping/Engine", ["Interfaces", "Runtime", "Network", "Sockets"]),
        part("ShellCore", of: "Shell/Core", ["Interfaces"]),
        part("SelfTestChecks", of: "SelfTest/Checks", ["RaspberryPi4", "Storage", "GENET", "BCM54213PE"]),
        .target(
            name: "Models", dependencies: ["Interfaces"], path: "Tests/Models", exclude: ["Firmware"],
            swiftSettings: settings),
        .target(name: "FirmwareModel", path: "Tests/Models/Firmware", swiftSettings: settings),
        // The runtime in virtual time, and hosts with a cable between them.
        .target(
            name: "TaskBench", dependencies: ["Boot", "Interfaces", "Runtime", "Network", "Sockets", "Models"],
            path: "Tests/TaskBench", swiftSettings: settings),
        test("DriversTests", ["Models"] + devices.map { .byName(name: $0) }),
        test("USBTests", ["Models", "Interfaces", "DWC2", "USB", "CDCEthernet", "USBKeyboard", "USBStorage"]),
        test("FirmwareModelTests", ["FirmwareModel"]),
        test(
            "BoardTests",
            ["RaspberryPi4", "DeviceTree", "Mailbox", "PowerManagement", "GIC400", "Models", "Interfaces"]),
        test(
            "RuntimeTests",
            [
                "Boot", "Interfaces", "Runtime", "TaskBench", "Models", "SDHCI", "GENET", "BCM54213PE",
                "Network", "Links", "NTP",
            ]),
        test("StorageTests", ["Models", "Storage"]),
        test("SavedLogTests", ["Interfaces", "Storage", "SavedLog"]),
        test("SettingsTests", ["Settings"]),
        test("KeyValueTests", ["Models", "KeyValue"]),
        test("NetworkTests", ["Network"]),
        test("TCPTests", ["Network"]),
        test("SocketsTests", ["TaskBench", "Interfaces", "Runtime", "Network", "Sockets"]),
        test("LinksTests", ["TaskBench", "Interfaces", "Runtime", "Network", "Sockets", "Links"]),
        test("ResolvingTests", ["TaskBench", "Interfaces", "Runtime", "Network", "Sockets", "DNS", "Resolving"]),
        test(
            "IperfTests", ["TaskBench", "Interfaces", "Runtime", "Network", "Sockets", "IperfProtocol", "IperfEngine"]),
        test("PingTests", ["TaskBench", "Interfaces", "Runtime", "Network", "Sockets", "PingEngine"]),
        test("DHCPTests", ["DHCP"]),
        test("DNSTests", ["DNS"]),
        test("HTTPTests", ["HTTP", "Interfaces"]),
        test("MDNSTests", ["Interfaces", "Network", "DNS", "MDNS"]),
        test(
            "ZeroConfigurationTests",
            ["TaskBench", "Interfaces", "Runtime", "Network", "Sockets", "DNS", "MDNS", "ZeroConfiguration"]),
        test("NTPTests", ["Interfaces", "NTP"]),
        test("MQTTTests", ["Interfaces", "MQTT"]),
        test("TFTPTests", ["Interfaces", "TFTP"]),
        test(
            "FileTransferTests", ["TaskBench", "Interfaces", "Runtime", "Network", "Sockets", "TFTP", "FileTransfer"]),
        test("RemoteLogTests", ["TaskBench", "Interfaces", "Runtime", "Network", "Sockets", "RemoteLog"]),
        test(
            "MessagingTests",
            ["TaskBench", "Interfaces", "Runtime", "Network", "Sockets", "Resolving", "MQTT", "Messaging"]),
        test("WebSocketTests", ["Interfaces", "HTTP", "WebSocket"]),
        test("WebTests", ["TaskBench", "Interfaces", "Runtime", "Network", "Sockets", "Resolving", "HTTP", "Web"]),
        test("DeviceTreeTests", ["DeviceTree"]),
        test("ShellTests", ["ShellCore"]),
    ] + devices.map { driver($0) } + applications.map { app($0.name, $0.dependencies, exclude: $0.exclude) }
)
