import Foundation
import Testing

@testable import ApusKit

/// A plain file stands for the disk; what `lsblk` says of it is made up.
@Suite struct FlashAgreementTests {
    private static let size = 64_000_000

    /// What the machine says of the disk at `path`.
    private func target(
        _ path: String, number: String, size: Int = size, serial: String = "A1", label: String = "HOLIDAY"
    ) throws -> FlashTarget {
        let list = try BlockDeviceList(
            json: """
                {"blockdevices": [{"name":"sdb","path":"\(path)","type":"disk","rm":true,"hotplug":true,"ro":false,
                "size":\(size),"mountpoints":[null],"model":"Reader","fstype":null,"label":null,"serial":"\(serial)",
                "maj:min":"\(number)","ptuuid":"1","uuid":null,"children":[
                  {"name":"sdb1","path":"\(path)1","type":"part","rm":true,"hotplug":true,"ro":false,"size":1000,
                   "mountpoints":[null],"model":null,"fstype":"vfat","label":"\(label)","serial":null,"maj:min":"8:17",
                   "ptuuid":"1","uuid":"4155"}]}]}
                """)
        return try FlashTarget(path: path, among: list, mounted: [], imageSize: 1)
    }

    private func withDisk(_ body: (String, String) throws -> Void) throws {
        try Files.withTemporaryDirectory { directory in
            let path = directory + "/sdb"
            try Command("truncate", ["--size=\(Self.size)", path]).check()
            let number = try HeldDevice(path: path, isDevice: false).identity.number
            try body(path, number)
        }
    }

    private func agreement(_ look: @escaping () throws -> FlashTarget) throws -> FlashAgreement {
        try FlashAgreement(holding: { try HeldDevice(path: $0, isDevice: false) }, look)
    }

    @Test func `what stays as it was may be erased`() throws {
        try withDisk { path, number in
            let agreement = try agreement { try target(path, number: number) }
            #expect(agreement.target.summary.hasPrefix("\(path)  64 MB  Reader  A1\n"))
            try agreement.confirm()
        }
    }

    @Test func `another disk under the same name is not erased`() throws {
        try withDisk { path, number in
            let agreement = try agreement { try target(path, number: number) }
            try FileManager.default.moveItem(atPath: path, toPath: path + ".pulled")
            try Command("truncate", ["--size=\(Self.size)", path]).check()
            #expect(throws: FlashError.changed(path)) { try agreement.confirm() }
        }
    }

    @Test func `nor one that takes the name before it is held`() throws {
        try withDisk { path, number in
            #expect(throws: FlashError.changed(path)) { try agreement { try target(path, number: "8:48") } }
            #expect(throws: FlashError.changed(path)) {
                try agreement { try target(path, number: number, size: 32_000_000) }
            }
        }
    }

    @Test func `nor another card in the same reader`() throws {
        try withDisk { path, number in
            var (serial, label) = ("A1", "HOLIDAY")
            let agreement = try agreement { try target(path, number: number, serial: serial, label: label) }
            label = "WEDDING"
            #expect(throws: FlashError.changed(path)) { try agreement.confirm() }
            (serial, label) = ("B2", "HOLIDAY")
            #expect(throws: FlashError.changed(path)) { try agreement.confirm() }
            truncate(path, 63_000_000)
            serial = "A1"
            #expect(throws: FlashError.changed(path)) { try agreement.confirm() }
        }
    }
}
