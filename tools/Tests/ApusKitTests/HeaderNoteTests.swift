import Testing

@testable import ApusKit

@Suite struct HeaderNoteTests {
    let note = HeaderNote(application: "Hello", version: "1.2.3", commit: "abc+dirty", devices: ["GIC400", "PL011"])

    @Test func `a sealed note is read back with its build id, and belongs to the image`() throws {
        var sealed = note
        var image = [UInt8](repeating: 7, count: 4096)
        try sealed.seal(&image)
        #expect(HeaderNote(image: image) == sealed)
        #expect(sealed.build != HeaderNote.noBuild)
        #expect(HeaderNote.isIntact(image))
    }

    @Test func `any changed byte gives another build id`() throws {
        var (first, second) = (note, note)
        var image = [UInt8](repeating: 7, count: 4096)
        try first.seal(&image)
        var other = image
        other[4000] = 8
        #expect(!HeaderNote.isIntact(other))
        try second.seal(&other)
        #expect(first.build != second.build)
    }

    @Test func `sealing again changes nothing`() throws {
        var sealed = note
        var image = [UInt8](repeating: 7, count: 4096)
        try sealed.seal(&image)
        let before = image
        try sealed.seal(&image)
        #expect(image == before)
    }

    @Test func `a note that does not fit is refused`() {
        var image = [UInt8](repeating: 0, count: 4096)
        var long = note
        long.application = String(repeating: "x", count: 600)
        #expect(throws: HeaderNoteError.self) { try long.seal(&image) }
        var short = [UInt8](repeating: 0, count: 100)
        var good = note
        #expect(throws: HeaderNoteError.noRoom) { try good.seal(&short) }
    }

    @Test func `bytes that are no note are not taken for one`() {
        #expect(HeaderNote(image: [UInt8](repeating: 0, count: 4096)) == nil)
        #expect(HeaderNote(image: []) == nil)
        #expect(HeaderNote(text: Array("Apus 1\nno colon here\n".utf8)) == nil)
    }
}

@Suite struct SHA256Tests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `the digests of FIPS 180-4 come out`(message: String, digest: String) {
        #expect(SHA256.hexadecimal(Array(message.utf8)) == digest)
    }

    @Test(arguments: 54...66) func `every length around a block's end is padded right`(count: Int) throws {
        let bytes = [UInt8](repeating: 0x61, count: count)
        let peer = try Command("sha256sum").check(input: String(decoding: bytes, as: UTF8.self))
        #expect(SHA256.hexadecimal(bytes) == String(peer.prefix(64)))
    }
}
