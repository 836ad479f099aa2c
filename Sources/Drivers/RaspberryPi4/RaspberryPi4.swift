import Boot
import Runtime

@_extern(c, "apus_application")
func application(_ count: Int32, _ arguments: UInt) -> Int32

@c(apus_put_byte)
func putByte(_ byte: UInt8) {
    while apus_load_register(0xfe20_1018) & 0x20 != 0 {}
    apus_store_register(0xfe20_1000, UInt32(byte))
}

@c(apus_stop_after_crash)
func stopAfterCrash() -> Never {
    while true { apus_wait_for_interrupt() }
}

@c(apus_start)
func start() {
    Memory.add(start: 0x20_0000, end: 0x1000_0000)
    Crash.showPrevious()
    _ = application(0, 0)
    apus_store_register(0xfe10_0020, 0x5a00_0555)
    apus_store_register(0xfe10_0024, 0x5a00_000a)
    apus_store_register(0xfe10_001c, 0x5a00_0020)
    while true { apus_wait_for_interrupt() }
}
