import Foundation
import Testing

@testable import DeviceTree

/// Asks a tree everything, so that whatever can go wrong does.
func exhaust(_ tree: DeviceTree) {
    func walk(_ node: Node) {
        _ = node.name
        for property in node.properties { _ = (property.name, property.strings, property.u32, property.u64) }
        _ = (Array(node.registers), Array(node.ranges), Array(node.dmaRanges), node.isEnabled)
        for child in node.children { walk(child) }
    }
    walk(tree.root)
    tree.forEachMemoryRegion { _ = $0.end }
    tree.forEachReservedRegion { _ = $0.end }
    _ = (tree.node("serial0"), tree.node("/soc/serial"), tree.node(compatible: "arm,pl011"), tree.node(phandle: 1))
    if let chosen = tree.chosen { _ = (chosen.bootArguments, chosen.randomSeed, chosen.partition) }
}

@Suite struct MalformedTreeTests {
    @Test(
        arguments: [
            (0, 0xD00D_FEEC, DeviceTreeError.magic),
            (4, 39, .totalSize(39)),
            (4, 0xFFFF_FFFF, .totalSize(0xFFFF_FFFF)),
            (8, 0xFFFF_FFFC, .structureBlock(.bounds, offset: 0xFFFF_FFFC)),
            (8, 0, .structureBlock(.bounds, offset: 0)),
            (8, 58, .structureBlock(.bounds, offset: 58)),
            (12, 0xFFFF_FFFF, .stringsBlock),
            (12, 4, .stringsBlock),
            (16, 0, .reservationBlock),
            (16, 42, .reservationBlock),
            (16, 0x7FFF_FFF0, .reservationBlock),
            (20, 16, .version(16)),
            (24, 18, .version(17)),
            (32, 0xFFFF_FFFF, .stringsBlock),
            (36, 0xFFFF_FFFF, .structureBlock(.bounds, offset: 56)),
        ] as [(Int, UInt32, DeviceTreeError)])
    func `a wrong header field is named`(_ offset: Int, _ value: UInt32, _ error: DeviceTreeError) throws {
        let blob = try Compiled(#"/ { model = "x"; child { }; };"#)
        blob.setWord(offset, value)
        #expect(throws: error) { _ = try blob.tree() }
    }

    @Test func `memory that is too short or misaligned is refused`() throws {
        #expect(throws: DeviceTreeError.magic) { _ = try Compiled([0xD0, 0x0D, 0xFE, 0xED]).tree() }
        #expect(throws: DeviceTreeError.magic) { _ = try Compiled([UInt8](repeating: 0, count: 64)).tree() }
        let blob = try Compiled("/ { };")
        let shifted = Compiled([0, 0] + blob.bytes)
        #expect(throws: DeviceTreeError.misaligned) {
            _ = try unsafe DeviceTree(UnsafeRawBufferPointer(rebasing: shifted.memory[2...]))
        }
    }

    @Test func `every cut of a tree is an error, and every longer buffer is none`() throws {
        let bytes = try Compiled(DeviceTreeTests.board).bytes
        for length in 0..<bytes.count {
            #expect(throws: DeviceTreeError.self) { _ = try Compiled(Array(bytes[..<length])).tree() }
        }
        let longer = Compiled(bytes + [UInt8](repeating: 0xFF, count: 100))
        #expect(try longer.tree().byteCount == bytes.count)
    }

    @Test func `nodes may be nested as deep as the limit and no deeper`() throws {
        func nested(_ depth: Int) -> String {
            "/ " + String(repeating: "{ a ", count: depth - 1) + "{ " + String(repeating: "}; ", count: depth)
        }
        exhaust(try Compiled(nested(DeviceTree.maximumDepth)).tree())
        let blob = try Compiled(nested(DeviceTree.maximumDepth + 1))
        do {
            _ = try blob.tree()
            Issue.record("accepted")
        } catch {
            guard case .structureBlock(.depth, _) = error else { throw error }
        }
    }

    @Test func `a property after a child is refused, and so is a tree that does not close`() throws {
        let blob = try Compiled("/ { child { }; };")
        let start = Int(blob.word(8))
        // begin "", begin "child", end, end, END: the first end becomes a token that nobody knows.
        #expect(blob.word(start + 20) == 2)
        for (token, fault) in [(5, .token), (9, .token), (1, .depth)] as [(UInt32, DeviceTreeError.Fault)] {
            blob.setWord(start + 20, token)
            do {
                _ = try blob.tree()
                Issue.record("accepted token \(token)")
            } catch {
                guard case .structureBlock(let found, _) = error else { throw error }
                #expect(found == fault || token == 1)
            }
        }
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `flipped bytes never crash and never lead outside`(_ seed: UInt64) throws {
        let original = try Compiled(DeviceTreeTests.board).bytes
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func random(_ bound: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(bound))
        }
        var accepted = 0
        for _ in 0..<1500 {
            var bytes = original
            for _ in 0...random(4) {
                bytes[random(bytes.count)] = random(2) == 0 ? UInt8(random(256)) : [0, 1, 2, 3, 4, 9, 0xFF][random(7)]
            }
            let blob = Compiled(bytes)
            guard let tree = try? blob.tree() else { continue }
            accepted += 1
            exhaust(tree)
        }
        #expect(accepted > 100)
    }
}
