// swift-tools-version: 6.2
// Fuzz targets for libFuzzer, one executable a format:
//     swift build --package-path Tests/Fuzz --sanitize fuzzer --product FuzzFAT --scratch-path .build-fuzz
//     SWIFT_BACKTRACE=enable=no .build-fuzz/debug/FuzzFAT Tests/Fuzz/corpus/FuzzFAT
// A package of its own, so that the flags it needs do not keep others from depending on Apus.
import PackageDescription

let settings: [SwiftSetting] = [.swiftLanguageMode(.v6)]

func fuzzer(_ name: String) -> Target {
    .executableTarget(
        name: name, dependencies: ["FuzzSupport", .product(name: "ApusFormats", package: "Apus")],
        swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])])
}

let package = Package(
    name: "Fuzz",
    products: [
        .executable(name: "FuzzDeviceTree", targets: ["FuzzDeviceTree"]),
        .executable(name: "FuzzPartition", targets: ["FuzzPartition"]),
        .executable(name: "FuzzFAT", targets: ["FuzzFAT"]),
        .executable(name: "FuzzKeyValue", targets: ["FuzzKeyValue"]),
        .executable(name: "FuzzPacket", targets: ["FuzzPacket"]),
        .executable(name: "FuzzSettings", targets: ["FuzzSettings"]),
        .executable(name: "FuzzReassembly", targets: ["FuzzReassembly"]),
    ],
    dependencies: [.package(name: "Apus", path: "../..")],
    targets: [
        .target(
            name: "FuzzSupport", dependencies: [.product(name: "ApusFormats", package: "Apus")],
            swiftSettings: settings),
        fuzzer("FuzzDeviceTree"), fuzzer("FuzzPartition"), fuzzer("FuzzFAT"), fuzzer("FuzzPacket"),
        fuzzer("FuzzReassembly"), fuzzer("FuzzKeyValue"), fuzzer("FuzzSettings"),
    ]
)
