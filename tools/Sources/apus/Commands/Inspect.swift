import ApusKit
import ArgumentParser
import Foundation

/// `apus inspect`
struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print what an image says of itself, its sections and its largest symbols.",
        discussion: "Sections and symbols come from the kernel8.elf that lies beside the image.")

    @Argument(help: "A kernel8.img, or the kernel8.elf beside it.")
    var file: String
    @Option(help: "How many symbols.")
    var symbols = 20

    func validate() throws {
        guard symbols >= 0 else { throw ValidationError("--symbols is at least 0.") }
    }

    func run() throws {
        let inspection = try Inspection(path: file)
        print(inspection.note.text, terminator: "")
        print(
            inspection.isIntact
                ? "" : "\nThe build id does not fit these bytes: the image was changed after it was built.\n")
        print("\(inspection.image): \(inspection.size) bytes")
        guard let elf = inspection.elf else {
            Screen.warning("no kernel8.elf lies beside it, so there are no sections and symbols to show")
            return
        }
        if !inspection.elfFits {
            Screen.warning("the kernel8.elf beside it is of another build")
        }
        printSections(of: elf)
        try printSymbols(of: elf)
    }

    private func printSections(of elf: ELFImage) {
        print("\nsection            address         bytes")
        for section in elf.sections where section.isAllocated && section.size > 0 {
            let address = "0x" + String(section.address, radix: 16)
            print(
                "\(left(section.name, 16)) \(right(address, 10)) \(right(String(section.size), 13))\(section.isZeroFilled ? "  not in the file" : "")"
            )
        }
    }

    private func printSymbols(of elf: ELFImage) throws {
        let largest = elf.largestSymbols(symbols)
        guard !largest.isEmpty else { return }
        let names = try Demangler.demangle(largest.map(\.name), toolchain: Toolchain())
        print("\nlargest symbols    address         bytes")
        for (symbol, name) in zip(largest, names) {
            let address = "0x" + String(symbol.address, radix: 16)
            let kind = symbol.kind == .function ? "function" : "data"
            print("\(left(kind, 16)) \(right(address, 10)) \(right(String(symbol.size), 13))  \(name)")
        }
    }

    private func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
