import CDCEthernet
import Interfaces
import USB
import USBKeyboard
import USBStorage

/// What devices say, from the first descriptor to the last frame: the bus, hubs, an adapter, a keyboard and a disk on a controller whose devices answer
/// what the input says. Nothing traps, everything ends, and no buffer is lost.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = [UInt8](UnsafeBufferPointer(start: data, count: size))
    _ = try? ConfigurationDescriptor(bytes)
    _ = try? DeviceDescriptor(bytes)
    let memory = HeapMemory(CDCEthernet<HeapMemory>.memorySize(spareBuffers: 4), at: 0x10_0000)
    let blocks = HeapMemory((StorageLayout.size + 63) & ~63, at: 0x80_0000)
    let controller = AnsweringController(bytes, [memory, blocks])
    let bus = USBBus(controller)
    let adapter = CDCEthernet(memory: memory, address: HardwareAddress(bits: 2 << 40 | 1))
    let keyboard = USBKeyboard()
    let disk = USBStorage(memory: blocks, event: PassingEvent(controller))
    bus.add(adapter)
    bus.add(keyboard)
    bus.add(disk)
    for _ in 0..<64 where !controller.isExhausted {
        _ = bus.service()
        for _ in 0..<8 { if let frame = adapter.receive() { look(at: frame) } }
        try? adapter.transmit(60, checksum: nil) { span in
            for index in 0..<60 { span.storeBytes(of: 1, toByteOffset: index, as: UInt8.self) }
        }
        _ = adapter.arm(.receive)
        if disk.isPresent { use(disk) }
        controller.pass(.milliseconds(50))
    }
    controller.unplug()
    _ = bus.service()
    precondition(bus.devices.isEmpty && !adapter.link.isUp)
    precondition(adapter.spareBuffers == CDCEthernet<HeapMemory>.memorySize(spareBuffers: 4) / 2048 - 16)
    return 0
}

private func use(_ disk: USBStorage<HeapMemory, PassingEvent>) {
    try? disk.open()
    precondition([512, 1024, 2048, 4096].contains(disk.geometry.blockSize))
    var bytes = [UInt8](repeating: 0, count: disk.geometry.blockSize * 2)
    var span = bytes.mutableSpan
    var raw = span.mutableBytes
    try? disk.read(0, into: &raw)
    try? disk.write(0, from: bytes.span.bytes)
    try? disk.flush()
}

private func look(at frame: consuming ReceivedFrame) {
    precondition((14...1518).contains(frame.count) && frame.bytes.byteCount == frame.count)
    var sum = 0
    let span = frame.bytes
    for index in 0..<span.byteCount { sum &+= Int(span.unsafeLoad(fromByteOffset: index, as: UInt8.self)) }
    precondition(sum >= 0)
}

/// Memory without caches.
final class HeapMemory: DMAMemory {
    let bytes: UnsafeMutableRawBufferPointer
    let physicalAddress: UInt64

    init(_ count: Int, at physicalAddress: UInt64) {
        self.physicalAddress = physicalAddress
        bytes = .allocate(byteCount: count, alignment: 64)
        bytes.initializeMemory(as: UInt8.self, repeating: 0)
    }

    deinit { bytes.deallocate() }

    func clean(_ range: Range<Int>) {
        precondition(bytes.indices.contains(range.lowerBound) && range.upperBound <= bytes.count)
    }
    func invalidate(_ range: Range<Int>) { clean(range) }
}

/// An event that nobody raises: time passes.
final class PassingEvent: InterruptEvent {
    private let controller: AnsweringController

    init(_ controller: AnsweringController) { self.controller = controller }

    func raise() {}
    func wait(until deadline: Instant) { controller.pass(deadline - controller.now) }
}

/// A controller whose devices answer from the input: a byte that says how, then as many bytes as are wanted.
final class AnsweringController: USBHostController {
    private var rest: ArraySlice<UInt8>
    private let memories: [HeapMemory]
    private var queues: [Int: [(address: UInt64, count: Int, tag: UInt16, isIn: Bool)]] = [:]
    private var opened = 0
    private var isPlugged = true
    private var isNew = true
    private(set) var now = Instant(nanoseconds: 1)

    init(_ bytes: [UInt8], _ memories: [HeapMemory]) {
        rest = bytes[...]
        self.memories = memories
    }

    var isExhausted: Bool { rest.isEmpty }

    func unplug() { isPlugged = false }
    func pass(_ interval: Interval) { now = now + interval }
    func wait(for interval: Interval) { now = now + interval }

    private func take() -> UInt8 { rest.popFirst() ?? 0xFF }

    /// What is answered now: up to `count` bytes.
    private func answer(_ count: Int) throws(USBError) -> [UInt8] {
        let kind = take()
        switch kind {
        case 0xF0: throw .stalled
        case 0xF1: throw .noAnswer
        case 0xF2: throw .disconnected
        case 0xFF: throw .timeout("the input")
        default: break
        }
        // The length that was asked for, or a shorter one.
        let length = kind < 0x80 ? count : min(count, Int(take()))
        let bytes = Array(rest.prefix(length))
        rest = rest.dropFirst(bytes.count)
        return bytes
    }

    var rootPort: USBPortState {
        var state = USBPortState()
        state.isConnected = isPlugged
        state.isEnabled = isPlugged
        state.hasChanged = isNew
        isNew = false
        return state
    }

    func resetRootPort() throws(USBError) -> USBSpeed { USBSpeed(rawValue: take() % 3)! }
    func disableRootPort() {}

    func control(_ setup: USBSetup, of target: USBTarget, writing data: RawSpan) throws(USBError) {
        precondition(data.byteCount == Int(setup.length))
        _ = try answer(0)
    }

    func control(_ setup: USBSetup, of target: USBTarget, reading buffer: inout MutableRawSpan) throws(USBError) -> Int
    {
        let bytes = try answer(min(Int(setup.length), buffer.byteCount))
        for (index, byte) in bytes.enumerated() { buffer.storeBytes(of: byte, toByteOffset: index, as: UInt8.self) }
        return bytes.count
    }

    func poll(
        _ endpoint: inout USBPolledEndpoint, of target: USBTarget, into buffer: inout MutableRawSpan
    ) throws(USBError) -> Int? {
        precondition(endpoint.endpoint.packetSize <= 1024)
        let bytes = try answer(min(endpoint.endpoint.packetSize, buffer.byteCount))
        for (index, byte) in bytes.enumerated() { buffer.storeBytes(of: byte, toByteOffset: index, as: UInt8.self) }
        return bytes.isEmpty ? nil : bytes.count
    }

    func openPipe(
        _ endpoint: USBEndpoint, of target: USBTarget, event: @escaping () -> Void
    ) throws(USBError) -> USBPipe {
        if queues.count == 6 { throw .full }
        opened += 1
        queues[opened * 2 + (endpoint.isIn ? 1 : 0)] = []
        return USBPipe(number: opened * 2 + (endpoint.isIn ? 1 : 0))
    }

    func closePipe(_ pipe: USBPipe) { queues[pipe.number] = nil }
    func cancel(_ pipe: USBPipe) { if queues[pipe.number] != nil { queues[pipe.number] = [] } }
    func revive(_ pipe: USBPipe) {}
    func nextAbandonedBuffer() -> USBTranslatorBuffer? { nil }

    func submit(_ pipe: USBPipe, at address: UInt64, count: Int, tag: UInt16) throws(USBError) {
        guard queues[pipe.number] != nil else { throw .disconnected }
        guard transferRoom(of: pipe) > 0 else { throw .full }
        precondition(
            memories.contains {
                $0.physicalAddress <= address && Int(address - $0.physicalAddress) + count <= $0.bytes.count
            })
        queues[pipe.number]!.append((address, count, tag, pipe.number & 1 == 1))
    }

    func transferRoom(of pipe: USBPipe) -> Int { queues[pipe.number].map { 32 - $0.count } ?? 0 }

    func nextCompletion(of pipe: USBPipe) -> USBCompletion? {
        guard let next = queues[pipe.number]?.first, !rest.isEmpty, take() & 1 == 0 else { return nil }
        queues[pipe.number]!.removeFirst()
        do throws(USBError) {
            let bytes = try answer(next.isIn ? next.count : 0)
            let memory = memories.last { $0.physicalAddress <= next.address }!
            let offset = Int(next.address - memory.physicalAddress)
            for (index, byte) in bytes.enumerated() { memory.bytes[offset + index] = byte }
            return USBCompletion(tag: next.tag, count: next.isIn ? bytes.count : next.count)
        } catch {
            return USBCompletion(tag: next.tag, count: 0, error: error)
        }
    }

    func arm(_ pipe: USBPipe) -> Bool { rest.isEmpty || take() & 1 == 0 }
    func nextLook(at pipe: USBPipe) -> Instant { .never }
    func clear(_ pipe: USBPipe) {}
}
