import Testing

@testable import ApusKit

@Suite struct BoardEmulatorTests {
    @Test func `a changed patch makes another build`() throws {
        let key = try BoardEmulator.key(patch: [1, 2, 3])
        #expect(key.count == 16)
        #expect(try BoardEmulator.key(patch: [1, 2, 3]) == key)
        #expect(try BoardEmulator.key(patch: [1, 2, 4]) != key)
    }

    @Test func `a requirement with a probe is there when the program says so`() {
        func state(_ probe: [String]) -> Requirement.State {
            Requirement(package: "x", program: "sh", purposes: [.emulator], reason: "", probe: probe).state()
        }
        #expect(state(["-c", "exit 0"]) == .present(version: nil))
        #expect(state(["-c", "exit 1"]) == .missing)
    }
}

@Suite struct NetworkBackendTests {
    @Test(arguments: [
        ("user", NetworkBackend.user(hostPort: 8080, guestPort: 80)),
        ("genet", .user(hostPort: 8080, guestPort: 80)), ("tap:tap0", .tap("tap0")),
        ("socket:listen=127.0.0.1:5000", .socket("listen=127.0.0.1:5000")), ("none", .none),
    ])
    func `the option names a backend`(text: String, backend: NetworkBackend) {
        #expect(NetworkBackend(text) == backend)
    }

    @Test(arguments: ["", "tap", "user:x", "none:x", "wifi"])
    func `what names no backend is refused`(text: String) {
        #expect(NetworkBackend(text) == nil)
    }

    @Test func `the forwarded port is open to this machine alone`() {
        var configuration = MachineConfiguration(boot: .image("kernel8.img"))
        #expect(!configuration.arguments.contains("-nic"))
        configuration.network = .user(hostPort: 8081, guestPort: 80)
        #expect(configuration.arguments.contains("user,id=net0,hostfwd=tcp:127.0.0.1:8081-:80"))
    }
}

@Suite struct InitialFileSystemTests {
    @Test func `a file stands behind its header, aligned to four bytes`() {
        var files = InitialFileSystem()
        files.addFile("init", Array("hello".utf8))
        files.finish()
        let text = String(decoding: files.bytes, as: UTF8.self)
        #expect(text.hasPrefix("07070100000001000081ed" + "0000000000000000" + "00000001" + "00000000" + "00000005"))
        #expect(Array(files.bytes[110..<115]) == Array("init\0".utf8))
        #expect(Array(files.bytes[116..<121]) == Array("hello".utf8))
        #expect(text.contains("TRAILER!!!") && files.bytes.count % 4 == 0)
    }
}

@Suite struct PeersTests {
    @Test func `the file is the same every time and does not repeat`() {
        let bytes = PeersCheck.content(count: 4096)
        #expect(bytes == PeersCheck.content(count: 4096))
        #expect(bytes[0..<2048] != bytes[2048..<4096])
    }
}
