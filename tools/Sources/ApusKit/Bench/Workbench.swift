/// What benchmarks measure with: images, built once, and what the application `Bench` reports, run once.
package final class Workbench {
    private let builder: Builder
    private var images: [String: BuiltImage] = [:]
    private var figures: [String: Measurement]?
    /// What `StorageBench` reported, with time that counts instructions and without.
    var storage: [Bool: [String: Measurement]] = [:]

    /// A bench whose images come from this builder.
    package init(builder: Builder) {
        self.builder = builder
    }

    /// The image of an application.
    func image(_ application: String) throws -> BuiltImage {
        if let image = images[application] { return image }
        let image = try builder.build(application)
        images[application] = image
        return image
    }

    /// The QEMU with the board's own devices.
    func emulator() throws -> String {
        try BoardEmulator(repository: builder.repository) { Screen.note($0) }.build()
    }

    /// The figures of `Bench`, by name: one core, and a clock that counts instructions.
    func guestFigures() throws -> [String: Measurement] {
        if let figures { return figures }
        var configuration = MachineConfiguration(boot: .image(try image("Bench").image))
        configuration.hasOneCore = true
        configuration.countsInstructions = true
        let machine = try Machine(configuration)
        try machine.expect("bench done", timeout: 300)
        let result = Self.figures(in: machine.console)
        figures = result
        return result
    }

    /// Reads the lines `bench NAME VALUE UNIT`.
    static func figures(in console: String) -> [String: Measurement] {
        var figures: [String: Measurement] = [:]
        for line in console.split(whereSeparator: \.isNewline) {
            let words = line.split(separator: " ")
            guard words.count >= 4, words[0] == "bench", let value = Int(words[2]) else { continue }
            figures[String(words[1])] = Measurement(value: value, unit: words[3...].joined(separator: " "))
        }
        return figures
    }
}
