/// config.txt: what the firmware is told about the image.
enum BoardConfiguration {
    /// The lines of config.txt, each with its reason.
    static let text = """
        # Written by `apus image`.
        # A 64-bit image; its header names the same address.
        arm_64bit=1
        kernel=kernel8.img
        kernel_address=0x80000
        # The cores' interrupts come from the GIC-400. Without this line only a device tree says so.
        enable_gic=1
        # No ATAGs: without a device tree they would lie over the code that the cores start with.
        disable_commandline_tags=2
        # What the firmware has to say goes to pins 8 and 10 of the header, at 115200 baud.
        enable_uart=1
        uart_2ndstage=1
        # MiB of memory for the VideoCore.
        gpu_mem=64

        """
}
