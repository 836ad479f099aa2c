import ApusKit
import Foundation
import Testing

@Suite struct ExternalPackageTests {
    @Test func `an application in a package of its own builds, runs, and halts after a crash as it wants`() throws {
        try Files.withTemporaryDirectory { directory in
            let apus = try Fixtures.repository.get().root
            try Files.makeDirectory(directory + "/Sources/Greeter/files")
            try Files.write("for the card\n", to: directory + "/Sources/Greeter/files/A long name.txt")
            try Files.write(
                """
                // swift-tools-version: 6.2
                import PackageDescription

                let package = Package(
                    name: "Greeter",
                    dependencies: [.package(name: "Apus", path: "\(apus)")],
                    targets: [
                        .executableTarget(
                            name: "Greeter", dependencies: [.product(name: "Apus", package: "Apus")],
                            exclude: ["files"])
                    ]
                )
                """, to: directory + "/Package.swift")
            try Files.write(
                """
                import RaspberryPi4
                import Runtime

                print("A guest from outside.")
                Crash.policy = .halt
                violated("the guest stays where it is")
                """, to: directory + "/Sources/Greeter/main.swift")

            let built = try Fixtures.builder().build(nil, package: directory)
            let card = try CardImage(firmware: Firmware(repository: Fixtures.repository.get())).make(built)
            let machine = try Machine(
                Fixtures.board(.success(built)) {
                    $0.card = card.path
                    $0.endsOnReboot = true
                })
            try machine.expect("A guest from outside.")
            try machine.expect("broken contract: the guest stays where it is")
            try machine.expect("=== end of crash report ===")
            // A reboot would begin at once and end this machine.
            Thread.sleep(forTimeInterval: 0.3)
            #expect(machine.ended == nil)
        }
    }
}
