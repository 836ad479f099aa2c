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
