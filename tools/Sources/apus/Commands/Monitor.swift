import ApusKit
import ArgumentParser
import Foundation

/// `apus monitor`
struct Monitor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show a board's serial console.",
        discussion: """
            Colours log lines by level, names the functions of crash reports by --elf, and goes on when the adapter \
            is pulled out and comes back. Ctrl-A X ends it.
            """)

    @Argument(help: "The serial adapter, such as /dev/ttyUSB0.")
    var port: String
    @Option(help: "Bits a second.")
    var baud = 115_200
    @Option(help: "The kernel8.elf of the image on the board.")
    var elf: String?
    @Option(help: "Append everything to this file, without colours.")
    var log: String?
    @Option(help: "Put the network capture of NetDump, with `pcap` in the board's cmdline.txt, into this file.")
    var pcap: String?
    @Flag(help: "Begin each line with the time of day.")
    var timestamps = false

    func run() throws {
        Endings.install()
        let serial = try SerialPort(path: port, baudRate: baud)
        let symbols = try elf.map { try Symbolizer(elf: $0, toolchain: Toolchain()) }
        let stamp: (() -> String)? = timestamps ? { WallClock.stamp() } : nil
        let view = ConsoleView(isColoured: Screen.isColoured, symbols: symbols, timestamp: stamp)
        let file = try log.map { try openLog($0) }
        var console = LiveConsole(view: view, log: file)
        console.capture = try pcap.map { try CaptureFile($0) }
        try serial.connect()
        Screen.step("\(port) at \(baud) baud. \(EscapeKeys.hint)")
        _ = console.run(serial)
    }

    private func openLog(_ path: String) throws -> FileHandle {
        if !Files.exists(path) { try Files.write("", to: path) }
        guard let handle = FileHandle(forWritingAtPath: path) else { throw FileError.unwritable(path: path) }
        handle.seekToEndOfFile()
        return handle
    }
}
