import SDHCI

/// The input is what an eMMC sends as its EXT_CSD, whole or not. What is read of it stays within what the register can say.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let input = [UInt8](UnsafeBufferPointer(start: data, count: size))
    guard let register = ExtendedCardData(input.span.bytes) else { return 0 }
    precondition(size == ExtendedCardData.size)
    precondition(register.blockCount < 1 << 32 && register.revision != 0xFF)
    precondition(!register.hasHighSpeed52 || input[196] & 2 != 0)
    precondition(register.isInUserArea == (input[179] & 7 == 0))
    // The same bytes are the same device.
    precondition(ExtendedCardData(input.span.bytes) == register)
    return 0
}
