// swift-tools-version: 6.2
// The host command `apus`: builds, images, boots, flashes, watches, tests. A package of its own, so that the
// firmware package needs no dependency. `./apus` in the root builds it and hands over. What reads and writes the
// store on a card is the firmware's own code.
import PackageDescription

let settings: [SwiftSetting] = [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)]

let card = Target.Dependency.product(name: "ApusCard", package: "Apus")
let firmwareModel = Target.Dependency.product(name: "ApusFirmwareModel", package: "Apus")

let package = Package(
    name: "apus-tools",
    products: [.executable(name: "apus", targets: ["apus"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(name: "Apus", path: ".."),
    ],
    targets: [
        .executableTarget(
            name: "apus",
            dependencies: [
                "ApusKit", card, .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings),
        .target(name: "ApusKit", dependencies: [card], swiftSettings: settings),
        .testTarget(name: "ApusKitTests", dependencies: ["ApusKit", firmwareModel], swiftSettings: settings),
        .testTarget(name: "SystemTests", dependencies: ["ApusKit", firmwareModel], swiftSettings: settings),
    ]
)
