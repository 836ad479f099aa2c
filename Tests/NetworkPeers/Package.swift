// swift-tools-version: 6.2
// The network stack against other people's: `TapHost` runs it on a TAP interface with the clock of this machine, `SocketPeer` uses
// the sockets of the system it runs on. `./apus test --network` puts both into a network namespace and lets them talk.
// A package of its own, so that it is built in release mode beside the tests.
import PackageDescription

let settings: [SwiftSetting] = [.swiftLanguageMode(.v6), .enableExperimentalFeature("Lifetimes")]

let package = Package(
    name: "NetworkPeers",
    products: [
        .executable(name: "TapHost", targets: ["TapHost"]), .executable(name: "SocketPeer", targets: ["SocketPeer"]),
    ],
    dependencies: [.package(name: "Apus", path: "../..")],
    targets: [
        .target(name: "PeerPattern", swiftSettings: settings),
        .executableTarget(
            name: "TapHost", dependencies: ["PeerPattern", .product(name: "ApusFormats", package: "Apus")],
            swiftSettings: settings),
        .executableTarget(name: "SocketPeer", dependencies: ["PeerPattern"], swiftSettings: settings),
    ]
)
