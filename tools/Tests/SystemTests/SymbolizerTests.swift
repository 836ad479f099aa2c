import ApusKit
import Testing

@Suite struct SymbolizerTests {
    @Test func `an address becomes function, file and line, and the build id is the image's`() throws {
        let built = try Fixtures.hello.get()
        let symbols = try Symbolizer(elf: built.elf, toolchain: Fixtures.toolchain.get())
        let main = try #require(ELFImage(path: built.elf).symbols.first { $0.name == "Hello_main" })
        let name = try #require(symbols.name(of: main.address + 4))
        #expect(name.contains("Sources/Apps/Hello/main.swift:"))
        #expect(symbols.name(of: 0x10) == nil)
        #expect(symbols.build == HeaderNote(image: try Files.read(built.image))?.build)
    }

    @Test func `Swift functions have readable names and no path of this machine`() throws {
        let built = try Fixtures.hello.get()
        let symbols = try Symbolizer(elf: built.elf, toolchain: Fixtures.toolchain.get())
        let functions = try ELFImage(path: built.elf).symbols.filter { $0.kind == .function && $0.name.hasPrefix("$") }
        #expect(functions.count > 10)
        for function in functions.prefix(10) {
            let name = symbols.name(of: function.address) ?? ""
            #expect(!name.isEmpty && !name.contains("$") && !name.contains("(/"), "\(name)")
        }
    }
}
