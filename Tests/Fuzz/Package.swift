// swift-tools-version: 6.2
// Fuzz targets for libFuzzer, one executable a format:
//     swift build --package-path Tests/Fuzz --sanitize fuzzer --product FuzzFAT --scratch-path .build-fuzz -Xswiftc -O
//     SWIFT_BACKTRACE=enable=no .build-fuzz/debug/FuzzFAT Tests/Fuzz/corpus/FuzzFAT
// A package of its own, so that the flags it needs do not keep others from depending on Apus.
import PackageDescription

let settings: [SwiftSetting] = [.swiftLanguageMode(.v6)]

/// The fuzz targets, one format or state machine each.
let fuzzers = [
    "FuzzDeviceTree", "FuzzPartition", "FuzzFAT", "FuzzKeyValue", "FuzzSettings", "FuzzPacket", "FuzzReassembly",
    "FuzzTCP", "FuzzStack", "FuzzDHCP", "FuzzDNS", "FuzzHTTP", "FuzzWebSocket",
    "FuzzMDNS", "FuzzNTP", "FuzzMQTT", "FuzzTFTP", "FuzzUSB", "FuzzEXTCSD", "FuzzMailbox",
]

let package = Package(
    name: "Fuzz",
    products: fuzzers.map { .executable(name: $0, targets: [$0]) },
    dependencies: [.package(name: "Apus", path: "../..")],
    targets: [
        .target(
            name: "FuzzSupport", dependencies: [.product(name: "ApusFormats", package: "Apus")],
            swiftSettings: settings)
    ]
        + fuzzers.map {
            .executableTarget(
                name: $0, dependencies: ["FuzzSupport", .product(name: "ApusFormats", package: "Apus")],
                swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])])
        }
)
