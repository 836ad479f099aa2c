import Interfaces
import KeyValue
import Storage
import Testing

@testable import Settings

@Suite struct SettingsTests {
    static func read(_ file: String) -> Settings {
        var settings = Settings()
        settings.read(file: [UInt8](file.utf8))
        return settings
    }

    @Test func `a board on which nothing was set has its defaults`() {
        let settings = Settings()
        #expect(settings.hostName == "apus" && settings.usesDHCP && settings.address == nil)
        #expect(settings.gateway == nil && settings.nameServers.isEmpty)
        #expect(settings.logLevel == 2 && settings.consoleLevel == 3 && settings.problems.isEmpty)
    }

    @Test func `a person's file is taken, nested or with dots`() {
        for file in [
            """
            {"about": "the kitchen", "system": {"hostname": "kitchen"},
             "net": {"_": 1, "address": "10.0.0.7/8", "gateway": "10.0.0.1", "dns": ["9.9.9.9", "1.1.1.1"]},
             "log": {"level": "debug", "console": null}}
            """,
            """
            {"system.hostname": "kitchen", "net.address": "10.0.0.7/8", "net.gateway": "10.0.0.1",
             "net.dns": "9.9.9.9, 1.1.1.1", "log.level": "debug"}
            """,
        ] {
            let settings = Self.read(file)
            #expect(settings.problems == [])
            #expect(settings.hostName == "kitchen" && !settings.usesDHCP && settings.gateway == 0x0A00_0001)
            #expect(settings.address?.address == 0x0A00_0007 && settings.address?.prefixLength == 8)
            #expect(settings.nameServers == [0x0909_0909, 0x0101_0101])
            #expect(settings.logLevel == 1 && settings.consoleLevel == 3)
            #expect(
                settings.value(of: .logLevel)?.origin == .file && settings.value(of: .consoleLevel)?.origin == .standard
            )
        }
        let both = Self.read("{\"net\": {\"dhcp\": true, \"address\": \"10.0.0.7/8\"}}")
        #expect(both.usesDHCP && both.address != nil)
    }

    @Test(
        arguments: [
            ("{\n  \"nett\": {}\n}", "apus.json, line 2, column 3: nett is no setting"),
            ("{\"net\": {\n\"adress\": 1}}", "apus.json, line 2, column 1: net.adress is no setting"),
            ("{\"net\": 5}", "apus.json, line 1, column 9: net holds settings, in braces"),
            (
                "{\"net\": {\"dhcp\": \"true\"}}",
                "line 1, column 18: net.dhcp is true or false without quotes, and not a text"
            ),
            ("{\"net.dns\": [1]}", "column 13: net.dns is IPv4 addresses"),
            ("{\"net.gateway\": \"10.0.0\"}", "column 17: net.gateway is an IPv4 address, such as"),
            ("{\"system\": {\"hostname\": 5}}", "in double quotes, and not a number"),
            ("{\"log.level\": \"loud\"}", "log.level is trace, debug"),
            ("[]", "line 1, column 1: settings stand in braces"), ("{\"net\": {},}", "column 12: a comma before"),
        ] as [(String, String)])
    func `what is wrong in the file is named with line and column, and sets nothing`(_ file: String, _ message: String)
    {
        let settings = Self.read(file)
        #expect(settings.problems.count == 1 && settings.problems[0].contains(message), "\(settings.problems)")
        for setting in Setting.allCases { #expect(settings.value(of: setting)?.origin ?? .standard == .standard) }
    }

    @Test func `one mistake does not take the other settings away`() {
        let settings = Self.read("{\"net\": {\"dhcp\": 1, \"gateway\": \"10.0.0.1\"}, \"x\": 1}")
        #expect(settings.problems.count == 2 && settings.gateway == 0x0A00_0001)
    }

    @Test func `the example file names every setting and sets none`() {
        let settings = Self.read(Settings.exampleFile)
        #expect(settings.problems == [])
        for setting in Setting.allCases {
            #expect(settings.value(of: setting)?.origin ?? .standard == .standard)
            #expect(Settings.exampleFile.contains("\"\(setting.name.description.split(separator: ".")[1])\": null"))
        }
    }

    @Test(
        arguments: [
            (.hostName, "kitchen-2", true), (.hostName, "-x", false), (.hostName, "", false), (.hostName, "a.b", false),
            (.address, "1.2.3.4/33", false), (.address, "1.2.3.4", false), (.address, "255.255.255.255/0", true),
            (.gateway, "1.2.3.256", false), (.gateway, "01.2.3.4", false), (.gateway, "1.2.3.4.5", false),
            (.nameServers, "1.1.1.1 2.2.2.2,3.3.3.3", true), (.nameServers, "1.1.1.1 2.2.2.2 3.3.3.3 4.4.4.4", false),
            (.usesDHCP, "yes", false), (.logLevel, "info", true), (.logLevel, "Info", false),
        ] as [(Setting, String, Bool)])
    func `values are checked`(_ setting: Setting, _ text: String, _ isValid: Bool) {
        #expect((setting.normalized([UInt8](text.utf8)) != nil) == isValid)
    }

    // MARK: On a card

    @Test func `without a card there are the defaults, and nothing can be set`() {
        let card = CardSettings(nil)
        #expect(card.settings.hostName == "apus" && card.settings.problems.isEmpty)
        #expect(throws: SettingsError.noStore) { try card.set(.hostName, to: [0x61]) }
    }

    @Test func `the store wins over the defaults, the file over the store, and what is set stays`() throws {
        let disk = CardDisk()
        try KeyValueStore.format(try #require(Partition(disk, blocks: 64..<576)))
        let card = CardSettings(disk)
        #expect(card.settings.problems.isEmpty && card.store?.count == 0)
        try card.set(.hostName, to: [UInt8]("garage".utf8))
        try card.set(.nameServers, to: [UInt8]("1.1.1.1  2.2.2.2".utf8))
        try card.set(.gateway, to: [UInt8]("10.0.0.1".utf8))
        try card.unset(.gateway)
        #expect(throws: SettingsError.invalid(.gateway)) { try card.set(.gateway, to: [0x31]) }
        for settings in [card.settings, CardSettings(disk).settings] {
            #expect(settings.hostName == "garage" && settings.gateway == nil)
            #expect(settings.nameServers == [0x0101_0101, 0x0202_0202])
            #expect(settings.value(of: .hostName)?.origin == .store)
            var both = settings
            both.read(file: [UInt8]("{\"system\": {\"hostname\": \"cellar\"}}".utf8))
            #expect(both.hostName == "cellar" && both.nameServers.count == 2)
        }
        // Something in the store that is no value, and then no store at all.
        try card.store?.put("loud", for: "log.level")
        let odd = CardSettings(disk).settings
        #expect(odd.logLevel == 2 && odd.problems.count == 1 && odd.problems[0].contains("log.level"))
        disk.bytes.replaceSubrange(64 * 512..<66 * 512, with: [UInt8](repeating: 7, count: 1024))
        let foreign = CardSettings(disk)
        #expect(foreign.settings.hostName == "apus" && foreign.store == nil && foreign.settings.problems.count == 1)
    }
}

/// A card with one partition for a store, blocks 64 to 575.
private final class CardDisk: BlockDevice {
    var bytes = [UInt8](repeating: 0, count: 600 * 512)
    let geometry = BlockGeometry(blockCount: 600)

    init() {
        bytes[446 + 4] = 0xDA
        bytes[446 + 8] = 64
        (bytes[446 + 12], bytes[446 + 13]) = (0, 2)
        (bytes[510], bytes[511]) = (0x55, 0xAA)
    }

    func read(_ first: UInt64, into buffer: inout MutableRawSpan) throws(BlockError) {
        let range = Int(first) * 512..<Int(first) * 512 + buffer.byteCount
        guard range.upperBound <= bytes.count else { throw BlockError(.outOfRange) }
        bytes.withUnsafeBytes { source in
            buffer.withUnsafeMutableBytes { $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[range])) }
        }
    }

    func write(_ first: UInt64, from buffer: RawSpan) throws(BlockError) {
        let range = Int(first) * 512..<Int(first) * 512 + buffer.byteCount
        guard range.upperBound <= bytes.count else { throw BlockError(.outOfRange) }
        buffer.withUnsafeBytes { bytes.replaceSubrange(range, with: $0) }
    }

    func flush() throws(BlockError) {}
    func discard(_ blocks: Range<UInt64>) throws(BlockError) {}
}
