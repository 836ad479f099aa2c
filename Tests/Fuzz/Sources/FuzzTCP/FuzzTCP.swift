import Interfaces
import Network

/// The first byte chooses how the connection is opened, what it offers and whether memory is short; the rest are steps: segments
/// from the other end, calls of the application, time. See `Conversation` for what must hold after each.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    guard size > 0, let data else { return 0 }
    var script = Script(UnsafeBufferPointer(start: data + 1, count: size - 1))
    var conversation = Conversation(choice: data[0])
    while let step = script.next() { conversation.perform(step, &script) }
    conversation.end()
    return 0
}
