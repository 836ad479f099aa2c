import Settings

/// The input is an `apus.json`. Whatever it sets has to be a value that would be taken again.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    var settings = Settings()
    settings.read(file: [UInt8](UnsafeBufferPointer(start: data, count: size)))
    for setting in Setting.allCases {
        guard let value = settings.value(of: setting) else { continue }
        precondition(setting.normalized(value.text) == value.text, "a value that is none")
    }
    precondition(settings.problems.count <= 20)
    _ = (settings.hostName, settings.usesDHCP, settings.address, settings.gateway, settings.nameServers)
    precondition(settings.logLevel <= 6 && settings.consoleLevel <= 6)
    return 0
}
