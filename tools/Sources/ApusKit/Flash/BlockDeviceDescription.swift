import Foundation

/// A block device as `lsblk` describes it.
package struct BlockDeviceDescription: Decodable, Equatable, Sendable {
    /// The kernel's name, such as `sdb`.
    package let name: String
    /// The device file.
    package let path: String
    /// `disk`, `part`, `loop`, `crypt`...
    package let type: String
    /// Whether its medium can be taken out.
    package let isRemovable: Bool
    /// Whether the device itself can be pulled out.
    package let isHotPluggable: Bool
    /// Whether it refuses writes.
    package let isReadOnly: Bool
    /// Bytes.
    package let size: Int
    /// Where it is mounted, `[SWAP]` included.
    package let mountPoints: [String]
    /// Maker and model, for the person.
    package let model: String?
    /// The file system on it.
    package let fileSystem: String?
    /// The file system's label.
    package let label: String?
    /// Its serial number.
    package let serial: String?
    /// Major and minor number: what it is to Linux, whatever its name.
    package let number: String
    /// What its partition table and its file system say they are.
    package let identifiers: [String]
    /// What lies on it: partitions, and what is made of them.
    package let children: [BlockDeviceDescription]

    /// The columns that `lsblk` is asked for.
    static let columns = "NAME,PATH,TYPE,RM,HOTPLUG,RO,SIZE,MOUNTPOINTS,MODEL,FSTYPE,LABEL,SERIAL,MAJ:MIN,PTUUID,UUID"

    private enum CodingKeys: String, CodingKey {
        case name, path, type, size, model, label, children, serial
        case number = "maj:min"
        case table = "ptuuid"
        case volume = "uuid"
        case isRemovable = "rm"
        case isHotPluggable = "hotplug"
        case isReadOnly = "ro"
        case mountPoints = "mountpoints"
        case fileSystem = "fstype"
    }

    /// Reads what `lsblk --json` says about a device.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        name = try values.decode(String.self, forKey: .name)
        path = try values.decode(String.self, forKey: .path)
        type = try values.decode(String.self, forKey: .type)
        isRemovable = try values.decode(Bool.self, forKey: .isRemovable)
        isHotPluggable = try values.decode(Bool.self, forKey: .isHotPluggable)
        isReadOnly = try values.decode(Bool.self, forKey: .isReadOnly)
        size = try values.decode(Int.self, forKey: .size)
        mountPoints = try values.decodeIfPresent([String?].self, forKey: .mountPoints)?.compactMap { $0 } ?? []
        let model = try values.decodeIfPresent(String.self, forKey: .model)
        self.model = model.map { $0.trimmingCharacters { $0 == " " } }
        fileSystem = try values.decodeIfPresent(String.self, forKey: .fileSystem)
        label = try values.decodeIfPresent(String.self, forKey: .label)
        serial = try values.decodeIfPresent(String.self, forKey: .serial)
        number = try values.decode(String.self, forKey: .number).trimmingCharacters { $0 == " " }
        identifiers = try [.table, .volume].map { try values.decodeIfPresent(String.self, forKey: $0) ?? "" }
        children = try values.decodeIfPresent([BlockDeviceDescription].self, forKey: .children) ?? []
    }

    /// The device and everything that lies on it.
    package var tree: [BlockDeviceDescription] { [self] + children.flatMap(\.tree) }
}

/// All block devices of a machine.
package struct BlockDeviceList: Decodable, Equatable, Sendable {
    private let blockdevices: [BlockDeviceDescription]

    /// The devices that lie on no other.
    package var devices: [BlockDeviceDescription] { blockdevices }

    /// Reads what `lsblk --json` printed.
    package init(json: String) throws {
        do {
            self = try JSONDecoder().decode(BlockDeviceList.self, from: Data(json.utf8))
        } catch {
            throw FlashError.unreadableList
        }
    }

    /// This machine's devices.
    package static func current() throws -> BlockDeviceList {
        let arguments = ["--json", "--bytes", "--output", BlockDeviceDescription.columns]
        return try BlockDeviceList(json: Command("lsblk", arguments).check())
    }
}
