import Foundation

/// Builds applications into images.
package struct Builder: Sendable {
    let repository: Repository
    private let toolchain: Toolchain

    /// Called with each line about what is going on.
    private let report: @Sendable (String) -> Void

    /// Whether images look for writes behind blocks of the heap and into free ones.
    private let checksHeap: Bool

    /// A builder for applications over the Apus of this repository.
    package init(
        repository: Repository, toolchain: Toolchain, checksHeap: Bool = false,
        report: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.checksHeap = checksHeap
        self.repository = repository
        self.toolchain = toolchain
        self.report = report
    }

    /// Builds the application `name` (nil: the package's only one) and leaves `kernel8.elf` and `kernel8.img` under
    /// the package's `build/`. The note names `commit`; nil for what git says.
    package func build(_ name: String?, package directory: String? = nil, commit: String? = nil) throws -> BuiltImage {
        let package = try ApplicationPackage(directory: directory, repository: repository)
        let application = try package.application(named: name, repository: repository)
        let product = try compile(application, of: package)
        let built = BuiltImage(
            application: application,
            directory: package.directory + "/build/" + application.name + (checksHeap ? "-checks" : ""))
        try Files.makeDirectory(built.directory)
        try finish(product, as: built, commit: commit ?? package.commit())
        return built
    }

    // MARK: Compiling and linking

    private func scratchPath(of package: ApplicationPackage) -> String {
        package.directory + (checksHeap ? "/.build-board-checks" : "/.build-board")
    }

    /// Returns the path of the linked ELF file.
    private func compile(_ application: ApplicationPackage.Application, of package: ApplicationPackage) throws
        -> String
    {
        try planAgainIfToolsetChanged(package)
        let status = try Command(toolchain.tool("swift"), arguments(for: application, of: package)).capturePrinting(
            report, quiet: true)
        guard status.isSuccess else { throw BuildError.compiler(application: application.name) }
        let products = scratchPath(of: package) + "/\(Toolchain.triple)/release/"
        try compareArrays(inFilesOf: products + application.name + ".product/Objects.LinkFileList")
        return products + application.name
    }

    /// Looks for array literals that the compiler has confused. `list` names the object files that were linked, a line each.
    private func compareArrays(inFilesOf list: String) throws {
        var arrays = OutlinedArrays()
        for line in String(decoding: try Files.read(list), as: UTF8.self).split(separator: "\n") {
            let file = line.trimmingCharacters(in: CharacterSet(charactersIn: "'\""))
            try arrays.add(Files.read(file), from: file)
        }
    }

    func arguments(for application: ApplicationPackage.Application, of package: ApplicationPackage) throws -> [String] {
        let scratch = scratchPath(of: package)
        var arguments = [
            "build", "--package-path", package.directory, "--configuration", "release",
            "--triple", Toolchain.triple, "--toolset", repository.path("toolset.json"),
            "--scratch-path", scratch, "--product", application.name,
        ]
        func pass(_ flag: String, _ values: [String]) { arguments += values.flatMap { [flag, $0] } }
        // No path of this machine gets into the image: the same sources make the same bytes anywhere.
        let maps =
            [(toolchain.prefix, "swift"), (repository.root, "apus")]
            + (package.isApus ? [] : [(package.directory, application.name)])
        for (path, name) in maps {
            pass("-Xswiftc", ["-file-prefix-map", "\(path)=\(name)"])
            pass("-Xcc", ["-ffile-prefix-map=\(path)=\(name)"])
        }
        pass("-Xswiftc", ["-g"])
        pass("-Xcc", ["-g"])
        if checksHeap { pass("-Xswiftc", ["-D", "DEBUG"]) }
        if package.isApus {
            pass("-Xswiftc", ["-warnings-as-errors"])
            pass("-Xcc", ["-Werror"])
        }
        pass(
            "-Xlinker",
            [
                "--defsym=apus_application=\(application.module)_main", "-L\(repository.root)",
                "-L\(toolchain.unicodeTables)", "-lswiftUnicodeDataTables", try toolchain.libgcc(), "--fatal-warnings",
            ])
        return arguments
    }

    // SwiftPM plans a build again when the manifest changes, but not when the toolset or the linker script does.
    private func planAgainIfToolsetChanged(_ package: ApplicationPackage) throws {
        let inputs = try ["toolset.json", "linker/kernel8.ld"].map { try Files.read(repository.path($0)) }
        let fingerprint = try SHA256.hexadecimal(inputs.flatMap { $0 })
        let stamp = scratchPath(of: package) + "/toolset.sha256"
        guard let known = try? Files.read(stamp), String(decoding: known, as: UTF8.self) == fingerprint else {
            Files.touch(package.directory + "/Package.swift")
            Files.remove(scratchPath(of: package) + "/\(Toolchain.triple)/release")
            try Files.makeDirectory(scratchPath(of: package))
            try Files.write(fingerprint, to: stamp)
            return
        }
    }

    // MARK: The image

    /// Makes `kernel8.elf` and `kernel8.img` of the linked file: takes the bytes out and writes the header note. Both
    /// appear whole: somebody may run the image meanwhile.
    private func finish(_ product: String, as built: BuiltImage, commit: String) throws {
        var (image, elf) = try extract(product)
        let file = try ELFImage(bytes: elf)
        let room = try noteOffset(in: file)
        guard elf.count >= room + HeaderNote.capacity, elf[room..<room + HeaderNote.capacity].allSatisfy({ $0 == 0 })
        else { throw BuildError.noNote(product) }

        let drivers = repository.directories(in: "Sources/Drivers")
        var note = HeaderNote(
            application: built.application.name, version: apusVersion, commit: commit,
            devices: DeviceList.devices(in: file.symbols, among: drivers))
        try note.seal(&image)
        try note.write(to: &elf, at: room)
        try Files.write(image, to: built.image)
        try Files.write(elf, to: built.elf)
    }

    /// The raw image and the ELF file of what was linked.
    private func extract(_ product: String) throws -> (image: [UInt8], elf: [UInt8]) {
        try Files.withTemporaryDirectory { directory in
            let (image, elf) = (directory + "/image", directory + "/elf")
            try Command(toolchain.tool("llvm-objcopy"), ["-O", "binary", product, image]).check()
            // The linker lays these indexes end to end, which makes gdb complain; nothing reads them.
            try Command(toolchain.tool("llvm-objcopy"), ["--remove-section=.debug_names", product, elf]).check()
            return (try Files.read(image), try Files.read(elf))
        }
    }

    /// Where the note lies in the ELF file, whichever section the linker script put it in.
    private func noteOffset(in file: ELFImage) throws -> Int {
        let loaded = file.sections.filter { $0.isAllocated && !$0.isZeroFilled && $0.size > 0 }
        guard let start = loaded.map(\.address).min() else { throw ELFError.malformed }
        let address = start + UInt64(HeaderNote.offset)
        guard let section = loaded.first(where: { ($0.address..<$0.address + UInt64($0.size)).contains(address) })
        else { throw ELFError.malformed }
        return section.offset + Int(address - section.address)
    }
}
