extension Settings {
    /// The name of the file that a person writes settings into, on the first FAT partition.
    public static var fileName: String { "apus.json" }
    /// Bytes that are read of it at most.
    public static var maximumFileSize: Int { JSONParser.maximumSize }

    /// What a new card has in its place: every setting, and none of them set.
    public static var exampleFile: String {
        var text =
            "{\n  \"about\": \"Settings of this board. They win over those set on the board; null sets nothing.\""
        var group: ArraySlice<UInt8> = []
        for setting in Setting.allCases {
            let name = setting.name.bytes
            let dot = name.firstIndex(of: 0x2E) ?? 0
            if !group.elementsEqual(name[..<dot]) {
                text += group.isEmpty ? ",\n  " : "\n  },\n  "
                group = name[..<dot]
                text += "\"" + String(decoding: group, as: UTF8.self) + "\": {\n"
            } else {
                text += ",\n"
            }
            text += "    \"" + String(decoding: name[(dot + 1)...], as: UTF8.self) + "\": null"
        }
        return text + "\n  }\n}\n"
    }

    /// Takes what `file` sets. What is wrong in it becomes a problem that names its line and column, and sets nothing; a
    /// file that is no JSON sets nothing at all.
    public mutating func read(file: [UInt8]) {
        do throws(JSONError) {
            let root = try JSONParser.parse(file)
            guard case .object(let members) = root.value else {
                throw JSONError(position: root.position, reason: "settings stand in braces, as {\"net\": ...}")
            }
            for member in members where !Self.isRemark(member.name) { read(member, prefix: []) }
        } catch {
            problems.append(Self.fileName + ", " + error.position.description + ": " + error.reason.description)
        }
    }

    /// Members that people use for what JSON has no comments for.
    private static func isRemark(_ name: [UInt8]) -> Bool {
        name == ("about" as StaticString).bytes || name.first == 0x5F
    }

    private mutating func read(_ member: JSONNode.Member, prefix: [UInt8]) {
        let name = prefix + member.name
        if let setting = Setting(name) { return read(setting, member.node) }
        if case .object(let members) = member.node.value, Self.isGroup(name) {
            for inner in members where !Self.isRemark(inner.name) { read(inner, prefix: name + [0x2E]) }
            return
        }
        if Self.isGroup(name) {
            report(member.node.position, name, "holds settings, in braces")
        } else {
            report(member.position, name, "is no setting")
        }
    }

    private static func isGroup(_ name: [UInt8]) -> Bool {
        Setting.allCases.contains { $0.name.bytes.starts(with: name + [0x2E]) }
    }

    private mutating func read(_ setting: Setting, _ node: JSONNode) {
        guard let text = Self.text(node, of: setting) else {
            if case .null = node.value { return }
            let name = setting.name.bytes
            return report(
                node.position, name,
                "is " + setting.form.description + Self.quotes(setting) + ", and not " + node.kind.description)
        }
        if !set(setting, text, .file) {
            report(node.position, setting.name.bytes, "is " + setting.form.description)
        }
    }

    private static func quotes(_ setting: Setting) -> String {
        setting == .usesDHCP ? " without quotes" : " in double quotes"
    }

    /// The text of `node` if it is of the type that `setting` wants.
    private static func text(_ node: JSONNode, of setting: Setting) -> [UInt8]? {
        switch (setting, node.value) {
        case (.usesDHCP, .flag(let flag)): (flag ? "true" as StaticString : "false").bytes
        case (.usesDHCP, _): nil
        case (_, .text(let text)): text
        case (.nameServers, .list(let nodes)): joined(nodes)
        default: nil
        }
    }

    private static func joined(_ nodes: [JSONNode]) -> [UInt8]? {
        var list: [UInt8] = []
        for node in nodes {
            guard case .text(let text) = node.value else { return nil }
            list += (list.isEmpty ? [] : [0x2C]) + text
        }
        return list
    }

    private mutating func report(_ position: TextPosition, _ name: [UInt8], _ what: String) {
        guard problems.count < Self.maximumProblems else { return }
        let shown = String(decoding: name.prefix(Self.maximumNameLength), as: UTF8.self)
        problems.append(Self.fileName + ", " + position.description + ": " + shown + " " + what)
    }

    private static let maximumProblems = 20
    private static let maximumNameLength = 60
}
