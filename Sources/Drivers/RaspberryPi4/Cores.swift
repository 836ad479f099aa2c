import Boot
import GIC400
import Interfaces
import Runtime

extension Board {
    /// Lets core 1, 2 or 3, parked since boot, run `body` with the core's number; it is parked again when `body` returns. Throws `.absent`
    /// for another number and `.unsupported` when there is no memory for a stack.
    ///
    /// `body` runs beside the tasks, which all run on core 0: it may use atomics and memory of its own and nothing else of
    /// the runtime, and says that it is done by an atomic. A core that still works is not to be given more. Needs
    /// `Board.start`.
    public static func run(onCore core: UInt32, _ body: @escaping @convention(c) (UInt64) -> Void) throws(DeviceError) {
        guard (1...3).contains(core) else { throw .absent }
        guard let stack = unsafe coreStack(core) else { throw .unsupported("a stack for another core") }
        unsafe apus_give_core_work(core, body, stack)
        interruptController.send(.softwareGenerated(0), toProcessors: UInt8(1 << core))
    }

    private static var coreStackSize: Int { Int(APUS_CORE_STACK_SIZE) }
    nonisolated(unsafe) private static var coreStacks: [4 of UnsafeMutableRawPointer?] = [nil, nil, nil, nil]

    /// The top of the stack of `core`, made at first use. Ordinary memory: the core has no guard below it.
    private static func coreStack(_ core: UInt32) -> UnsafeMutableRawPointer? {
        let index = Int(core)
        if unsafe coreStacks[index] == nil {
            guard let memory = Memory.allocateDeviceMemory(coreStackSize) else { return nil }
            // The core starts with its caches off; what was written to the stack's memory through ours must not be
            // evicted over what it writes.
            memory.clean(0..<coreStackSize)
            memory.invalidate(0..<coreStackSize)
            unsafe coreStacks[index] = memory.bytes.baseAddress! + coreStackSize
        }
        return unsafe coreStacks[index]
    }
}
