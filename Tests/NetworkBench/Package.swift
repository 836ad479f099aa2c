// swift-tools-version: 6.2
// One TCP stream over a link in memory, on one core: what the stack costs where no device and no system is in the way. `run` builds it
// and the same for lwIP, and runs both in turn.
// A package of its own, so that it is built in release mode beside the tests.
import PackageDescription

let package = Package(
    name: "NetworkBench",
    products: [.executable(name: "NetworkBench", targets: ["NetworkBench"])],
    dependencies: [.package(name: "Apus", path: "../..")],
    targets: [
        .executableTarget(
            name: "NetworkBench", dependencies: [.product(name: "ApusFormats", package: "Apus")],
            swiftSettings: [.swiftLanguageMode(.v6), .enableExperimentalFeature("Lifetimes")])
    ]
)
