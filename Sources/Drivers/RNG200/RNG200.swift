// How the device works. Ring oscillators give about a megabit of noise a second, which the device tests while it runs and hands out in
// words through a FIFO: 32 us each. After the start it throws away 2^18 bits, so the first word takes up to half a second. When
// its test fails it says so and may lock itself out until it is reset. QEMU has none.
import Interfaces

/// The hardware random number generator.
///
/// What it gives is the source's own: good for seeding a generator of the caller's, too slow to be one. A value
/// without state: copy it freely; one caller at a time.
public struct RNG200<Bus: RegisterBus, Time: Clock>: EntropySource {
    private let bus: Bus
    private let time: Time

    /// Bits the generator throws away after its start.
    private static var warmUpBits: UInt32 { 0x4_0000 }
    /// How long a word may take: the start, twice.
    private static var limit: Interval { .seconds(1) }
    /// How often the generator is started again for one request.
    private static var restarts: Int { 3 }

    /// The generator behind `bus` (a window of 0x28 bytes), started unless the firmware has. Does not wait for its first word.
    /// Throws `.absent` when nothing answers there.
    public init(_ bus: Bus, time: Time) throws(DeviceError) {
        guard let control = bus.probe(RNG200Register.control.offset) else { throw .absent }
        self.bus = bus
        self.time = time
        bus.write([], to: RNG200Register.interruptEnable)
        if !RNG200Control(rawValue: control).isRunning { start() }
    }

    /// Fills `buffer` with words of the generator: 8 us a byte, after up to half a second for the first. On an error `buffer` is
    /// zero: `.timeout` when no word comes for a second, `.invalid` when the generator keeps failing its test.
    public func fill(_ buffer: inout MutableRawSpan) throws(DeviceError) {
        do throws(DeviceError) {
            try fillOrFail(&buffer)
        } catch {
            for offset in 0..<buffer.byteCount { buffer.storeBytes(of: 0, toByteOffset: offset, as: UInt8.self) }
            throw error
        }
    }

    private func fillOrFail(_ buffer: inout MutableRawSpan) throws(DeviceError) {
        var filled = 0
        var restarts = 0
        var last: UInt32?
        while filled < buffer.byteCount {
            let word = try nextWord()
            // A word that repeats the last one (once in 2^32 by chance) counts as a failure: a generator that is stuck. What it
            // gave before is not trusted either.
            if let word, word != last {
                last = word
                for index in 0..<min(4, buffer.byteCount - filled) {
                    let byte = UInt8(truncatingIfNeeded: word >> UInt32(8 * index))
                    buffer.storeBytes(of: byte, toByteOffset: filled + index, as: UInt8.self)
                }
                filled = min(filled + 4, buffer.byteCount)
            } else {
                if restarts == Self.restarts { throw .invalid("RNG200 INT_STATUS") }
                restarts += 1
                filled = 0
                last = nil
                restart()
            }
        }
    }

    /// The next word; nil when the generator has failed its test.
    private func nextWord() throws(DeviceError) -> UInt32? {
        var hasFailed = false
        let hasCome = time.poll(for: Self.limit, every: .microseconds(20)) {
            hasFailed = !bus.read(RNG200Register.status).isDisjoint(with: .failures)
            return hasFailed || bus.read(RNG200Register.count).available > 0
        }
        if hasFailed { return nil }
        if !hasCome { throw .timeout("RNG200 FIFO_COUNT") }
        return bus.read(RNG200Register.data)
    }

    private func start() {
        bus.write(Self.warmUpBits, to: RNG200Register.warmUpBits)
        var control = RNG200Control(rawValue: 0)
        control.divider = 3
        control.isRunning = true
        bus.write(control, to: RNG200Register.control)
    }

    /// Stops the generator, resets it, inner part first, and starts it.
    private func restart() {
        bus.modify(RNG200Register.control) { $0.isRunning = false }
        bus.write(.all, to: RNG200Register.status)
        bus.write(1, to: RNG200Register.generatorReset)
        bus.write(1, to: RNG200Register.reset)
        bus.write(0, to: RNG200Register.reset)
        bus.write(0, to: RNG200Register.generatorReset)
        start()
    }
}
