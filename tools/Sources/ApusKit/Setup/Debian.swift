import Foundation

/// Debian's package tools, as far as setting this machine up needs them.
struct Debian {
    /// The release's name, such as `bookworm`.
    let codename: String
    /// Where packages come from.
    let mirror: String

    /// This machine's Debian, or nil if it is none.
    init?() {
        guard Executable.find("apt-get") != nil, let release = try? Files.read("/etc/os-release") else { return nil }
        let values = Self.values(in: String(decoding: release, as: UTF8.self))
        guard let codename = values["VERSION_CODENAME"], values["ID"] == "debian" else { return nil }
        self.codename = codename
        let targets = try? Command(
            "apt-get", ["indextargets", "--format", "$(SITE) $(CODENAME) $(REPO_URI)", "Created-By: Packages"]
        ).capture().text
        mirror = Self.mirror(of: codename, in: targets ?? "") ?? "http://deb.debian.org/debian"
    }

    /// The settings in the form of `/etc/os-release`.
    static func values(in text: String) -> [String: String] {
        var values: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { continue }
            values[String(parts[0])] = parts[1].filter { $0 != "\"" }
        }
        return values
    }

    /// The mirror that this machine already takes `codename` from, by what `apt-get indextargets` says.
    static func mirror(of codename: String, in targets: String) -> String? {
        for line in targets.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count == 3, fields[1] == codename, fields[2].hasPrefix("http") else { continue }
            let uri = fields[2].split(separator: "/dists/").first.map(String.init) ?? String(fields[2])
            return uri.hasSuffix("/") ? String(uri.dropLast()) : uri
        }
        return nil
    }

    /// Whether the release's own QEMU is too old and backports have the one.
    var needsBackportsForQEMU: Bool { codename == "bookworm" }

    /// The suite of newer packages for this release.
    var backports: String { codename + "-backports" }

    /// The commands that install these packages; run as root.
    func installation(of packages: [String], hasBackports: Bool) -> (source: String?, commands: [Command]) {
        let silent = ["DEBIAN_FRONTEND": "noninteractive"]
        func install(_ packages: [String], from suite: String?) -> Command {
            let target = suite.map { ["-t", $0] } ?? []
            return Command(
                "apt-get", ["install", "--yes", "-q", "--no-install-recommends"] + target + packages,
                environment: silent)
        }
        let newer = needsBackportsForQEMU ? packages.filter { $0 == "qemu-system-arm" } : []
        let plain = packages.filter { !newer.contains($0) }
        var commands = [Command("apt-get", ["update", "-q"], environment: silent)]
        if !plain.isEmpty { commands.append(install(plain, from: nil)) }
        if !newer.isEmpty { commands.append(install(newer, from: backports)) }
        let source = newer.isEmpty || hasBackports ? nil : "deb \(mirror) \(backports) main\n"
        return (source, commands)
    }

    /// Whether this machine takes packages from backports already.
    func hasBackports() -> Bool {
        let policy = try? Command("apt-cache", ["policy"]).capture().text
        return policy?.contains("n=\(backports)") ?? false
    }
}
