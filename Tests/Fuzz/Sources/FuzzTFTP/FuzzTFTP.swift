import Interfaces
import TFTP

/// What a server sends in one transfer: a byte that says which way the file goes, then packets with their length before them. Blocks come in
/// their order, none longer than was agreed on, and whatever is to be sent fits.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    var rest = [UInt8](UnsafeBufferPointer(start: data, count: size))
    guard let first = rest.first else { return 0 }
    rest.removeFirst()
    var now = Instant(nanoseconds: 1)
    let direction: TFTPTransfer.Direction = first & 1 == 0 ? .get : .put
    guard var transfer = try? TFTPTransfer(direction, [0x61], size: UInt64(first), blockSize: 32, now: now) else {
        return 0
    }
    while rest.count > 1 {
        let length = min(Int(rest[0]), rest.count - 1)
        let packet = Array(rest[1..<length + 1])
        rest.removeFirst(length + 1)
        now = now + .milliseconds(200)
        do throws(TFTPError) {
            _ = try transfer.advance(to: now)
            let wasFinished = transfer.isFinished
            let (event, _) = try transfer.receive(packet.span.bytes, now: now)
            switch event {
            case .block(let range):
                precondition(direction == .get && !wasFinished && range.count == transfer.blockSize)
            case .lastBlock(let range):
                precondition(direction == .get && !wasFinished && range.count < transfer.blockSize)
            case .wantsBlock:
                precondition(direction == .put && !wasFinished)
                transfer.supply([UInt8](repeating: 1, count: Int(first >> 3)), now: now)
            case .finished: precondition(direction == .put && transfer.isFinished)
            case .nothing: break
            }
            precondition(transfer.packet.count <= 4 + 512 && transfer.blockSize <= 512)
        } catch {
            return 0
        }
    }
    return 0
}
