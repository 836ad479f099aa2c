import Interfaces
import Mailbox
import Models
import Testing

/// The checker itself: what it must notice, and what it must let pass.
@Suite struct CoherenceTests {
    /// Memory whose owner forgets one of the two operations.
    private struct ForgetfulMemory: DMAMemory {
        let memory: CoherentMemoryModel
        let cleans: Bool
        let invalidates: Bool

        var bytes: UnsafeMutableRawBufferPointer { unsafe memory.bytes }
        var physicalAddress: UInt64 { memory.physicalAddress }
        func clean(_ range: Range<Int>) { if cleans { memory.clean(range) } }
        func invalidate(_ range: Range<Int>) { if invalidates { memory.invalidate(range) } }
    }

    @Test(arguments: [(true, true), (false, true), (true, false)])
    func `a mailbox driver that forgets a cache operation is caught`(cleans: Bool, invalidates: Bool) {
        let clock = VirtualClock()
        let memory = CoherentMemoryModel(count: 64)
        let model = MailboxModel(clock, memory: memory)
        model.tags[0x0000_0001] = { _ in [346_337] }
        let forgetful = ForgetfulMemory(memory: memory, cleans: cleans, invalidates: invalidates)
        var mailbox = Mailbox(model, time: clock, memory: forgetful)
        var revision: UInt32?
        do { revision = try mailbox.firmwareRevision() } catch {}
        let isSound = revision == 346_337 && model.allViolations.isEmpty
        #expect(isSound == (cleans && invalidates))
    }

    /// Memory that its owner has cleaned.
    private func cleanMemory(_ count: Int, seed: UInt64 = 1, restlessness: UInt64 = 0) -> CoherentMemoryModel {
        let memory = CoherentMemoryModel(count: count, seed: seed, restlessness: restlessness)
        memory.clean(0..<count)
        return memory
    }

    @Test func `memory that was zeroed and not cleaned is no place for a device to write to`() {
        let memory = CoherentMemoryModel(count: 64)
        memory.deviceWrite([1], at: 0)
        #expect(memory.violations.count == 1)
    }

    @Test func `the device sees only what was cleaned`() {
        let memory = cleanMemory(128)
        let before = memory.deviceRead(0..<64)
        unsafe memory.bytes[3] ^= 0xFF
        #expect(memory.deviceRead(0..<64) == before)
        #expect(memory.violations.count == 1)
        memory.clean(3..<4)
        #expect(memory.deviceRead(0..<64)[3] == before[3] ^ 0xFF)
        #expect(memory.violations.count == 1)
    }

    @Test func `the processor sees what the device wrote only after it invalidates`() {
        let memory = cleanMemory(128)
        let old = unsafe memory.bytes[70]
        memory.deviceWrite([old ^ 0xFF], at: 70)
        #expect(unsafe memory.bytes[70] == old)
        memory.invalidate(64..<128)
        #expect(unsafe memory.bytes[70] == old ^ 0xFF)
        #expect(memory.violations == [])
    }

    @Test func `an invalidate that loses a neighbour's bytes is caught`() {
        let memory = cleanMemory(64)
        unsafe memory.bytes[0] ^= 0xFF
        memory.invalidate(32..<64)
        #expect(memory.violations.count == 1)
    }

    @Test func `a device that writes over a dirty line is caught`() {
        let memory = cleanMemory(64)
        unsafe memory.bytes[0] ^= 0xFF
        memory.deviceWrite([1], at: 32)
        #expect(memory.violations.count == 1)
    }

    @Test func `a clean that writes stale bytes over the device's is caught`() {
        let memory = cleanMemory(64)
        memory.deviceWrite([1, 2, 3], at: 32)
        unsafe memory.bytes[0] ^= 0xFF
        memory.clean(0..<64)
        #expect(memory.violations.count == 1)
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `an eviction by luck does not hide a missing clean`(seed: UInt64) {
        let memory = cleanMemory(64, seed: seed, restlessness: 255)
        unsafe memory.bytes[0] ^= 0xFF
        _ = memory.deviceRead(0..<0)  // the cache evicts the line
        _ = memory.deviceRead(0..<64)
        #expect(memory.violations.count == 1)
    }
}
