/// The size of an application's image.
struct ImageSize: Benchmark {
    let application: String
    let goal: Goal?

    var name: String { "size-" + application.lowercased() }
    var title: String { "`\(application)`, kernel8.img" }
    let method = "the size of the file"

    func measure(_ bench: Workbench) throws -> Measurement {
        Measurement(value: try Files.read(try bench.image(application).image).count, unit: "bytes")
    }
}
