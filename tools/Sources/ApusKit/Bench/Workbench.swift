/// What benchmarks measure with: images and the emulator, built once, and what takes long to find out, found out once.
package final class Workbench {
    private let builder: Builder
    let repository: Repository
    private var images: [String: BuiltImage] = [:]
    private var known: [String: Any] = [:]

    /// A bench whose images come from this builder.
    package init(builder: Builder, repository: Repository) {
        self.builder = builder
        self.repository = repository
    }

    /// The image of an application.
    func image(_ application: String) throws -> BuiltImage {
        if let image = images[application] { return image }
        let image = try builder.build(application)
        images[application] = image
        return image
    }

    /// The value that `find` returned when it was first asked for `name`, for benchmarks that share a run.
    func once<Value>(_ name: String, _ find: () throws -> Value) rethrows -> Value {
        if let value = known[name] as? Value { return value }
        let value = try find()
        known[name] = value
        return value
    }

    /// A machine with one core that runs an application; with the board's own devices, its cable's other end is `Machine.frames`.
    func configuration(_ application: String, hasBoardDevices: Bool = false) throws -> MachineConfiguration {
        var configuration = MachineConfiguration(boot: .image(try image(application).image))
        configuration.hasOneCore = true
        guard hasBoardDevices else { return configuration }
        try Installer(repository: repository).ensure([.emulator])
        configuration.program = try once("emulator") {
            try BoardEmulator(repository: repository) { Screen.note($0) }.build()
        }
        configuration.network = .frames
        return configuration
    }

    /// The figures of `Bench`, by name: a clock that counts instructions.
    func guestFigures() throws -> [String: Measurement] {
        try once("Bench") {
            var configuration = try configuration("Bench")
            configuration.countsInstructions = true
            let machine = try Machine(configuration)
            try machine.expect("bench done", timeout: 300)
            return Self.figures(in: machine.console)
        }
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
