/// Why this machine could not be set up.
package enum SetupError: UserError, Equatable {
    case notDebian([String])
    case cannotAsk([String])
    case declined
    case notRoot(String)
    case installationFailed(String)
    case stillMissing([String])
    case noFirmware
    case noDeviceTrees

    package var description: String {
        switch self {
        case .notDebian(let programs):
            "this is no Debian, so please install these yourself: \(programs.joined(separator: ", "))"
        case .cannotAsk(let packages):
            "nobody is here to ask whether to install \(packages.joined(separator: " ")); run ./apus setup --yes"
        case .declined:
            "nothing was installed; ./apus setup asks again"
        case .notRoot(let command):
            "installing needs root and there is no sudo; as root, run ./apus setup, or: \(command)"
        case .installationFailed(let command):
            "`\(command)` failed; the messages above say why"
        case .stillMissing(let programs):
            "still missing or too old after the installation: \(programs.joined(separator: ", "))"
        case .noFirmware:
            "apt downloaded no raspi-firmware"
        case .noDeviceTrees:
            "apt downloaded no arm64 kernel, which holds the boards' device trees"
        }
    }
}
