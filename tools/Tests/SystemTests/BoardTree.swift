import ApusKit
import Foundation

/// Device trees as the board's firmware hands them over.
enum BoardTree {
    /// What stands at the beginning of every line of arguments: the firmware's own words.
    static let firmwareArguments = "coherent_pool=1M 8250.nr_uarts=1 vc_mem.mem_base=0x3ec00000 console=ttyAMA0,115200"

    /// The source of the emulated board's tree, with `chosen` in the node of that name besides the line of arguments.
    static func source(arguments: String = "", chosen: String = "") -> String {
        """
        /dts-v1/;
        /memreserve/ 0x0 0x1000;
        / {
            #address-cells = <2>; #size-cells = <1>; interrupt-parent = <1>;
            compatible = "raspberrypi,4-model-b", "brcm,bcm2711";
            aliases { emmc2bus = "/emmc2bus"; serial0 = "/soc/serial@7e201000"; };
            chosen { bootargs = "\(firmwareArguments) \(arguments)"; stdout-path = "serial0:115200n8"; \(chosen) };
            memory@0 { device_type = "memory"; reg = <0 0 0x3c000000 0 0x40000000 0x40000000>; };
            emmc2bus { #address-cells = <2>; #size-cells = <1>; ranges; dma-ranges = <0 0 0 0 0xfc000000>; };
            soc {
                #address-cells = <1>; #size-cells = <1>;
                ranges = <0x7e000000 0 0xfe000000 0x1800000>, <0x40000000 0 0xff800000 0x800000>;
                interrupt-controller@40041000 { compatible = "arm,gic-400"; phandle = <1>; };
                serial@7e201000 { compatible = "arm,pl011"; reg = <0x7e201000 0x200>; };
            };
        };
        """
    }

    /// Compiles `source` into a file in `directory` and returns its path.
    static func compile(_ source: String, in directory: String, name: String = "board") throws -> String {
        let path = "\(directory)/\(name).dtb"
        // Other tests may be reading the file: it is replaced as a whole.
        let made = "\(path).\(ProcessInfo.processInfo.globallyUniqueString)"
        try Files.write(source, to: made + ".dts")
        try Command("dtc", ["-q", "-O", "dtb", "-o", made, made + ".dts"]).check()
        try Files.write(Files.read(made), to: path)
        [made, made + ".dts"].forEach(Files.remove)
        return path
    }

    private static let plain = Result { try compile(source(), in: Fixtures.handOverDirectory.get()) }

    /// The tree for a machine with this line of arguments.
    static func path(arguments: String?) throws -> String {
        guard let arguments else { return try plain.get() }
        let name = arguments.map { $0.isLetter || $0.isNumber ? String($0) : "-" }.joined()
        return try compile(source(arguments: arguments), in: Fixtures.handOverDirectory.get(), name: name)
    }
}
