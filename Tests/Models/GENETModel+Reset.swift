/// What the registers hold before a driver comes, and what it must not change.
extension GENETModel {
    /// The bits that have a name, of registers with others. What is not here is known as a whole.
    private static let named: [Int: UInt32] = [
        0x080: 0, 0x08C: 0x0001_0070, 0x300: 0x7, 0x308: 0xFF, 0x310: 0, 0x314: 0x31, 0x39C: 3, 0x600: 1, 0x608: 0,
        0x610: 0xFF, 0x614: 3, 0x804: 0x7F, 0x864: 0xFF, 0xE18: 0x13F1, 0xE20: 0x08FF_0001,
    ]

    /// The registers as a reset leaves them: what was read on a board, and by the seed whatever else there may be.
    func setResetValues(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for (offset, named) in Self.named.sorted(by: { $0.key < $1.key }) {
            self[offset] = UInt32(truncatingIfNeeded: generator.next()) & ~named
        }
        self[0x08C] |= 0x00F0_0000
        self[0x300] |= 0xC040
        self[0x308] |= 0x80
        self[0x610] |= 0x80
        self[0x39C] |= 3
        self[0x614] |= 3
        self[0x804] |= 0x14
        self[0x864] |= 0x40
        self[0xE18] |= 0x91
        (self[0x60C], self[0x818], self[0x85C]) = (0xFFFF, 0xFFFF, 0x3C00)
    }

    /// What a network boot may leave, by the seed.
    func leaveNetboot(_ seed: UInt64) {
        hasStickyIndices = true
        (self[0x3008], self[0x300C], self[0x5008], self[0x500C]) = (0xFFF0, 0xFFF0, 0xFF81, 0xFF81)
        (self[0x3044], self[0x5044], self[0x3040], self[0x5040]) = (0x2_0000, 0x2_0001, 1 << 16, 1 << 16)
        // As start4 of 2026 leaves it, and another that has everything on: promiscuous, checksums and control frames handed on, loop.
        self[0x808] = seed & 1 == 0 ? 0x1000_010B : 0x0280_00DB
        self[0x300] = self[0x300] & ~7 | 6
        self[0x314] |= 0x10
        (self[0x308], self[0x610]) = (self[0x308] & ~0xFF | 0x20, self[0x610] & ~0xFF | 0x10)
        (self[0x60C], self[0x818]) = (0, 1)
        self[0x804] |= 3
        self[0x864] |= 8
        self[0xE20] |= 0x0806_0001
        (self[0x80C], self[0x810]) = (0xDCA6_3211, 0x2233)
        (self[0x004], self[0x814]) = (0, 1518)
        isManagementCutOff = true
        fifo = [Queued(data: [UInt8](repeating: 0x60, count: 300), status: 0, isStale: true)]
    }

    /// The firmware's driver was not stopped at all: it receives into its own buffers.
    public func keepFirmwareReceiving() {
        phy.negotiationTime = 0
        phy.connect()
        clock.advance(by: .nanoseconds(1))
        (self[0x004], self[0xE20], self[0x808]) = (3, self[0xE20] & ~1, 0x1000_011B)
        self[0x08C] |= 0x50
        (self[0x3010], self[0x3024], self[0x3044]) = (256 << 16 | 2048, 1, 0x2_0001)
        self[0x300] |= 3
        fifo = []
    }

    /// Notes a write that changes what has no name.
    func checkReserved(_ value: UInt32, _ offset: Int) {
        guard let named = Self.named[offset], (value ^ self[offset]) & ~named != 0 else { return }
        note("register \(String(offset, radix: 16)): reserved bits changed from \(self[offset]) to \(value)")
    }

    /// What has to be right when an engine starts.
    func checkSettings() {
        if self[0xE20] & 0x0800_0001 != 0 { note("DMA enabled while a magic packet is waited for") }
        if self[0x308] & 0xFF < 0x64 || self[0x610] & 0xFF < 0x64 { note("frames longer than the FIFOs' thresholds") }
        if self[0x314] & 0x10 != 0 { note("the frame check sequence is skipped, which is not there") }
        if self[0x60C] != 0xFFFF && self[0x60C] != 0 { note("backpressure") }
        if self[0x804] & 1 != 0 { note("half duplex flow control by collisions") }
        if self[0x300] & 4 != 0 { note("RBUF BAD_DIS") }
    }
}
