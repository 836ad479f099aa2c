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
    "SDHCI", "GENET", "BCM54213PE",
]

let package = Package(
    name: "Apus",
    products: [
        .library(name: "Apus", targets: ["Interfaces", "Runtime", "Storage", "Network", "RaspberryPi4"]),
        // The readers of formats that come from outside, without the board: what Tests/Fuzz is built from.
        .library(name: "ApusFormats", targets: ["Interfaces", "Storage", "Network", "DeviceTree"]),
        .executable(name: "Hello", targets: ["Hello"]),
        .executable(name: "Bench", targets: ["Bench"]),
        .executable(name: "NetDump", targets: ["NetDump"]),
        .executable(name: "Reflect", targets: ["Reflect"]),
        .executable(name: "Shell", targets: ["Shell"]),
        .executable(name: "StorageBench", targets: ["StorageBench"]),
        .executable(name: "SelfTest", targets: ["SelfTest"]),
    ],
    targets: [
        .target(name: "Boot", path: "Sources/Boot"),
        kernel("Interfaces"),
        kernel("Runtime", ["Boot", "Interfaces"]),
        kernel("Storage", ["Interfaces"]),
        kernel("Network", ["Interfaces"]),
        kernel("TCP", ["Interfaces"]),
        driver("DeviceTree", []),
        driver("RaspberryPi4", ["Boot", "Interfaces", "Runtime", "DeviceTree"] + devices.map { .byName(name: $0) }),
        app("Hello", ["RaspberryPi4"]),
        app("NetDump", ["RaspberryPi4"]),
        app("Reflect", ["RaspberryPi4"]),
        app("Bench", ["Boot", "RaspberryPi4"]),
        app("StorageBench", ["RaspberryPi4"]),
        app("Shell", ["RaspberryPi4", "Storage", "ShellCore", "SelfTestChecks"], exclude: ["Core", "files"]),
        part("ShellCore", of: "Shell/Core", []),
        app("SelfTest", ["RaspberryPi4", "SelfTestChecks"], exclude: ["Checks"]),
        part("SelfTestChecks", of: "SelfTest/Checks", ["RaspberryPi4", "Storage"]),
        .target(
            name: "Models", dependencies: ["Interfaces"], path: "Tests/Models", swiftSettings: settings),
        test("DriversTests", ["Models"] + devices.map { .byName(name: $0) }),
        test("BoardTests", ["RaspberryPi4", "DeviceTree", "Mailbox"]),
        test("RuntimeTests", ["Boot", "Interfaces", "Runtime"]),
        test("StorageTests", ["Storage"]),
        test("NetworkTests", ["Network"]),
        test("TCPTests", ["TCP"]),
        test("DeviceTreeTests", ["DeviceTree"]),
        test("ShellTests", ["ShellCore"]),
    ] + devices.map { driver($0) }
)
