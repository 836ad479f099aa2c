import Foundation

/// Names addresses by an ELF file's debug information, through the toolchain's `llvm-symbolizer`.
package final class Symbolizer: AddressNaming {
    package let build: String?

    private let elf: String
    private let program: String
    private let demangler: String
    private var known: [UInt64: String?] = [:]

    /// A symbolizer for the ELF file at `elf`, as `apus build` leaves it.
    package init(elf: String, toolchain: Toolchain) throws {
        let bytes = try Files.read(elf)
        guard (try? ELFImage(bytes: bytes)) != nil else { throw ELFError.notELF(path: elf) }
        self.elf = elf
        program = try toolchain.tool("llvm-symbolizer")
        demangler = try toolchain.tool("swift-demangle")
        build = HeaderNote(searching: bytes)?.build
    }

    package func name(of address: UInt64) -> String? {
        if let known = known[address] { return known }
        var name: String?
        do {
            let frames = try frames(at: address)
            name = frames.isEmpty ? nil : frames.joined(separator: ", inlined in ")
        } catch {
            Screen.warning("no names for addresses: \(error)")
        }
        known[address] = name
        return name
    }

    /// The functions at `address` with file and line, the innermost first; several where they were inlined.
    private func frames(at address: UInt64) throws -> [String] {
        let output = try Command(
            program,
            ["--obj=\(elf)", "--functions=linkage", "--no-demangle", "--relativenames", hexadecimal(address)]
        ).check()
        var lines = output.split(separator: "\n", omittingEmptySubsequences: true)[...]
        var frames: [String] = []
        while let function = lines.popFirst(), let place = lines.popFirst() {
            guard function != "??" else { continue }
            frames.append("\(try demangled(String(function))) (\(Self.withoutColumn(place)))")
        }
        return frames
    }

    private func hexadecimal(_ address: UInt64) -> String { "0x" + String(address, radix: 16) }

    /// `file:line:column` without the column.
    private static func withoutColumn(_ place: Substring) -> String {
        guard !place.hasPrefix("/<compiler-generated>") else { return "compiler-generated" }
        let parts = place.split(separator: ":")
        guard parts.count > 2 else { return String(place) }
        return parts.dropLast().joined(separator: ":")
    }

    private func demangled(_ name: String) throws -> String {
        guard name.hasPrefix("$") else { return name }
        return try Demangler.demangle([name], program: demangler)[0]
    }
}

/// Turns mangled Swift names into readable ones.
package enum Demangler {
    /// The readable names, in order, by the toolchain's `swift-demangle`.
    static func demangle(_ names: [String], program: String) throws -> [String] {
        let output = try Command(program, ["--simplified", "--compact"]).check(
            input: names.joined(separator: "\n") + "\n")
        let lines = output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        return lines.count >= names.count ? Array(lines.prefix(names.count)) : names
    }

    /// The readable names, in order.
    package static func demangle(_ names: [String], toolchain: Toolchain) throws -> [String] {
        try demangle(names, program: toolchain.tool("swift-demangle"))
    }
}
