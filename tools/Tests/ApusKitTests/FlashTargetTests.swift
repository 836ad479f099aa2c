import Testing

@testable import ApusKit

@Suite struct FlashTargetTests {
    static let machine = """
        {"blockdevices": [
          {"name":"sda","path":"/dev/sda","type":"disk","rm":false,"hotplug":false,"ro":false,"size":512000000000,
           "mountpoints":[null],"model":"Internal","fstype":null,"label":null,"maj:min":"8:1","children":[
            {"name":"sda1","path":"/dev/sda1","type":"part","rm":false,"hotplug":false,"ro":false,"size":511000000000,
             "mountpoints":[null],"model":null,"fstype":"crypto_LUKS","label":null,"maj:min":"8:2","children":[
              {"name":"root","path":"/dev/mapper/root","type":"crypt","rm":false,"hotplug":false,"ro":false,
               "size":510000000000,"mountpoints":["/"],"model":null,"fstype":"ext4","label":null,"maj:min":"8:3"}]}]},
          {"name":"sdb","path":"/dev/sdb","type":"disk","rm":true,"hotplug":true,"ro":false,"size":32000000000,
           "mountpoints":[null],"model":"Card Reader  ","fstype":null,"label":null,"maj:min":"8:4","children":[
            {"name":"sdb1","path":"/dev/sdb1","type":"part","rm":true,"hotplug":true,"ro":false,"size":31000000000,
             "mountpoints":[null],"model":null,"fstype":"vfat","label":"HOLIDAY","maj:min":"8:5"}]},
          {"name":"sdc","path":"/dev/sdc","type":"disk","rm":true,"hotplug":true,"ro":false,"size":16000000000,
           "mountpoints":[null],"model":null,"fstype":null,"label":null,"maj:min":"8:6","children":[
            {"name":"sdc1","path":"/dev/sdc1","type":"part","rm":true,"hotplug":true,"ro":false,"size":15000000000,
             "mountpoints":["/media/photos"],"model":null,"fstype":"vfat","label":null,"maj:min":"8:7"}]},
          {"name":"sdd","path":"/dev/sdd","type":"disk","rm":true,"hotplug":true,"ro":true,"size":16000000000,
           "mountpoints":[null],"model":null,"fstype":null,"label":null,"maj:min":"8:8"},
          {"name":"sde","path":"/dev/sde","type":"disk","rm":true,"hotplug":true,"ro":false,"size":0,
           "mountpoints":[null],"model":null,"fstype":null,"label":null,"maj:min":"8:9"},
          {"name":"sdf","path":"/dev/sdf","type":"disk","rm":false,"hotplug":true,"ro":false,"size":2000000000000,
           "mountpoints":[null],"model":"Backup","fstype":null,"label":null,"maj:min":"8:10"},
          {"name":"sdg","path":"/dev/sdg","type":"disk","rm":true,"hotplug":true,"ro":false,"size":32000000,
           "mountpoints":[null],"model":null,"fstype":null,"label":null,"maj:min":"8:11"},
          {"name":"sdh","path":"/dev/sdh","type":"disk","rm":true,"hotplug":true,"ro":false,"size":64000000000,
           "mountpoints":[null],"model":null,"fstype":null,"label":null,"maj:min":"8:12","children":[
            {"name":"sdh2","path":"/dev/sdh2","type":"part","rm":true,"hotplug":true,"ro":false,"size":63000000000,
             "mountpoints":[null, "/"],"model":null,"fstype":"ext4","label":null,"maj:min":"8:13"}]},
          {"name":"loop0","path":"/dev/loop0","type":"loop","rm":true,"hotplug":true,"ro":false,"size":64000000,
           "mountpoints":[null],"model":null,"fstype":null,"label":null,"maj:min":"8:14"},
          {"name":"vda","path":"/dev/vda","type":"disk","rm":false,"hotplug":false,"ro":false,"size":20000000000,
           "mountpoints":[null],"model":null,"fstype":null,"label":null,"maj:min":"8:15"}
        ]}
        """

    func target(_ path: String, mounted: Set<String> = []) throws -> FlashTarget {
        try FlashTarget(
            path: path, among: BlockDeviceList(json: Self.machine), mounted: mounted, imageSize: 64 << 20)
    }

    @Test func `a card in a reader is accepted, and what is on it is shown`() throws {
        let target = try target("/dev/sdb")
        #expect(target.device.name == "sdb")
        #expect(target.summary == "/dev/sdb  32.0 GB  Card Reader\n  /dev/sdb1  31.0 GB  vfat \"HOLIDAY\"")
    }

    @Test(arguments: [
        ("/dev/sda", FlashError.systemDisk("/dev/sda")),
        ("/dev/sda1", .systemDisk("/dev/sda1")),
        ("/dev/sdh", .systemDisk("/dev/sdh")),
        ("/dev/sdb1", .notWholeDisk("/dev/sdb1", disk: "/dev/sdb")),
        ("/dev/loop0", .notWholeDisk("/dev/loop0", disk: "/dev/loop0")),
        ("/dev/sdc", .mounted("/dev/sdc", at: "/media/photos")),
        ("/dev/sdd", .readOnly("/dev/sdd")),
        ("/dev/sde", .noMedium("/dev/sde")),
        ("/dev/sdf", .tooLarge("/dev/sdf", size: 2_000_000_000_000)),
        ("/dev/sdg", .tooSmall("/dev/sdg", size: 32_000_000, needed: 64 << 20)),
    ]) func `anything else is refused for its own reason`(path: String, error: FlashError) {
        #expect(throws: error) { try target(path) }
    }

    @Test(arguments: [
        ("sdx", true, 256_000_000_000, true), ("sdx", true, 512_110_190_592, true),
        ("mmcblk0", false, 256_060_514_304, true),
        ("mmcblk0", false, 2_000_398_934_016, true), ("sdx", false, 256_060_514_304, true),
        ("sdx", false, 1_000_204_886_016, false), ("sdx", true, 4_000_787_030_016, false),
    ]) func `cards of every size are accepted, large disks are not`(
        name: String, isRemovable: Bool, size: Int, isCard: Bool
    ) throws {
        let list = try BlockDeviceList(
            json: """
                {"blockdevices": [{"name":"\(name)","path":"/dev/\(name)","type":"disk","rm":\(isRemovable),"hotplug":true,
                "ro":false,"size":\(size),"mountpoints":[null],"model":null,"fstype":null,"label":null,"maj:min":"8:1"}]}
                """)
        func look() throws { _ = try FlashTarget(path: "/dev/\(name)", among: list, mounted: [], imageSize: 1) }
        if isCard {
            try look()
        } else {
            #expect(throws: FlashError.tooLarge("/dev/\(name)", size: size)) { try look() }
        }
    }

    @Test func `a fixed disk that nobody uses is refused, and the candidates are named`() {
        #expect(throws: FlashError.self) { try target("/dev/vda") }
        do {
            _ = try target("/dev/vda")
        } catch {
            #expect("\(error)".contains("/dev/vda is not removable"))
            #expect("\(error)".contains("/dev/sdb"))
            #expect(!"\(error)".contains("/dev/sdf"))
        }
    }

    @Test func `a file and a device that is not there are refused`() {
        #expect(throws: FlashError.self) { try target("/dev/sdz") }
        #expect(throws: FlashError.self) { try target("/tmp/card.img") }
    }

    @Test func `a mount that only the kernel knows counts too`() {
        #expect(throws: FlashError.mounted("/dev/sdb", at: "/dev/sdb1")) {
            try target("/dev/sdb", mounted: ["/dev/sdb1"])
        }
    }

    @Test func `what lsblk did not print is no list`() {
        #expect(throws: FlashError.unreadableList) { try BlockDeviceList(json: "lsblk: failed") }
    }

    @Test func `the list of this machine can be read`() throws {
        _ = try BlockDeviceList.current()
    }
}
