import Interfaces
import Models
import SDHCI
import Testing

@Suite struct SDHCIIdentificationTests {
    @Test(arguments: SDCardModel.Kind.cards)
    func `every kind of card is identified`(kind: SDCardModel.Kind) throws {
        let bench = try CardBench.started(kind)
        let card = try #require(bench.device.card)
        #expect(card.isHighCapacity == (kind == .highCapacity))
        #expect(bench.device.geometry == BlockGeometry(blockCount: 65536))
        #expect(bench.device.isFourBits)
        #expect(bench.device.mode == (kind == .standardVersion1 ? .defaultSpeed : .highSpeed))
        #expect(bench.device.clockRate == (kind == .standardVersion1 ? 25_000_000 : 50_000_000))
        #expect(bench.host.violations == [])
    }

    @Test func `no register write is lost while the clock is slow, and no command is refused`() throws {
        let bench = try CardBench.started()
        #expect(bench.host.lostWrites == 0)
        #expect(bench.host.refusedCommands == 0)
        #expect(bench.host.commandClocks.first == 400_000)
        #expect(bench.host.fastestClock == 50_000_000)
    }

    @Test func `identity, capacity and configuration are decoded`() throws {
        let card = try #require(try CardBench.started().device.card)
        #expect(card.identity.manufacturer == 3 && card.identity.application == 0x5344)
        let name = card.identity.name
        #expect(name.indices.map { name[$0] } == Array("APUS1".utf8))
        #expect(card.identity.revision == (8, 1))
        #expect(card.identity.serialNumber == 0x1234_5678)
        #expect(card.identity.year == 2026 && card.identity.month == 11)
        #expect(card.configuration?.specification == 2 && card.configuration?.isVersion3 == true)
        #expect(card.configuration?.hasFourBits == true && card.configuration?.hasSetBlockCount == true)
        #expect(card.specificData.version == 2 && card.specificData.canErase)
    }

    @Test(
        arguments: [
            (.standard, 2048), (.standard, 1 << 21), (.standard, 1 << 22), (.highCapacity, 1 << 23),
            (.highCapacity, 1 << 31),
        ] as [(SDCardModel.Kind, UInt64)])
    func `capacities of both kinds of CSD`(kind: SDCardModel.Kind, blockCount: UInt64) throws {
        let bench = CardBench(kind, blockCount: blockCount)
        try bench.device.start()
        #expect(bench.device.geometry.blockCount == blockCount)
    }

    @Test(
        arguments: [
            (100_000_000, 100_000_000, 400_000, 50_000_000), (52_000_000, 700_000_000, 400_000, 50_000_000),
            (250_000_000, 250_000_000, 400_000, 50_000_000), (52_000_000, 52_000_000, 400_000, 26_000_000),
            (200_000_000, 200_000_000, 400_000, 50_000_000),
        ] as [(UInt32, UInt32, UInt32, UInt32)])
    func `the card's clock is never faster than it may be`(
        hostClock: UInt32, baseClock: UInt32, slow: UInt32, fast: UInt32
    ) throws {
        let bench = CardBench(hostClock: hostClock, baseClock: baseClock)
        let isExact = hostClock == baseClock
        // QEMU: the firmware's rate is not the controller's, which does not matter to it.
        bench.host.losesWrites = isExact
        try bench.device.start()
        #expect(try #require(bench.host.commandClocks.first) <= slow)
        #expect(bench.host.fastestClock <= fast)
        #expect(!isExact || bench.host.violations == [])
    }

    @Test func `the capabilities tell the base clock when nobody else does`() throws {
        let bench = CardBench(baseClock: 0)
        try bench.device.start()
        #expect(bench.device.clockRate == 50_000_000)
    }

    @Test(arguments: [false, true])
    func `an empty slot is told within a quarter of a second`(hasCardDetect: Bool) {
        let bench = CardBench(hasCard: false)
        bench.host.hasCardDetect = hasCardDetect
        let duration = bench.time {
            #expect(throws: BlockError(.absent)) { try bench.device.start() }
        }
        #expect(duration < .milliseconds(250))
        #expect(bench.device.geometry.blockCount == 0)
        #expect(throws: BlockError(.absent)) { try bench.device.readBlocks(0, 1) }
    }

    @Test func `an absent controller is told by a probe`() {
        let clock = VirtualClock()
        let device = SDHCI(
            ModelPlatform(
                bus: AbsentBus(), time: clock, supply: FixedCardSupply(), event: VirtualEvent(clock), dma: nil),
            baseClock: 0)
        #expect(throws: BlockError(.absent)) { try device.start() }
    }

    @Test func `a card that was left at 1.8 V comes back by a power cycle`() throws {
        let bench = CardBench()
        bench.card.needsPowerCycle = true
        try bench.device.start()
        #expect(bench.device.card != nil)
    }

    @Test func `a card that never powers up is a timeout within five seconds`() {
        let bench = CardBench()
        bench.card.neverPowersUp = true
        let duration = bench.time {
            #expect(throws: BlockError(.timeout(""))) { try bench.device.start() }
        }
        #expect(duration < .seconds(5))
    }

    @Test(arguments: [true, false])
    func `a controller that does not come out of reset, or has no clock, is a timeout`(isReset: Bool) {
        let bench = CardBench()
        if isReset { bench.host.isResetStuck = true } else { bench.host.isClockStuck = true }
        let duration = bench.time {
            #expect(throws: BlockError(.timeout(""))) { try bench.device.start() }
        }
        #expect(duration < .seconds(1))
    }

    @Test func `a card without high speed stays at 25 MHz`() throws {
        let bench = CardBench()
        bench.card.hasHighSpeed = false
        try bench.device.start()
        #expect(bench.device.clockRate == 25_000_000 && bench.device.mode == .defaultSpeed)
        #expect(bench.host.fastestClock == 25_000_000 || bench.host.commandClocks.max() == 25_000_000)
    }

    @Test func `a card whose data does not come through at 50 MHz falls back to 25`() throws {
        let bench = CardBench()
        bench.card.cleanUpTo = 25_000_000
        try bench.device.start()
        #expect(bench.device.clockRate == 25_000_000 && bench.device.mode == .defaultSpeed)
        #expect(try bench.device.readBlocks(7, 1) == bench.card.content(7))
    }

    @Test func `a card with one data line stays at one`() throws {
        let bench = CardBench()
        bench.card.hasFourBits = false
        try bench.device.start()
        #expect(!bench.device.isFourBits)
        #expect(try bench.device.readBlocks(0, 2) == bench.card.content(0) + bench.card.content(1))
    }

    @Test(arguments: [2, 3, 6, 7, 9, 51, 55] as [UInt32])
    func `a command that is lost or garbled once does not keep the card from being identified`(index: UInt32) throws {
        for isLost in [true, false] {
            let bench = CardBench()
            if isLost { bench.card.silences[index] = 1 } else { bench.card.garbledAnswers[index] = 1 }
            try bench.device.start()
            #expect(bench.device.geometry.blockCount == 65536)
            #expect(bench.host.violations == [])
        }
    }
}
