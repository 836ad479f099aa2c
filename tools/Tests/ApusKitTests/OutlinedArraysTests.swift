import Foundation
import Testing

@testable import ApusKit

/// Object files with constants of one name.
@Suite struct OutlinedArraysTests {
    /// An object file in which `name` stands for `values`.
    private func object(_ name: String, _ values: [Int]) throws -> [UInt8] {
        try Files.withTemporaryDirectory { directory in
            let list = values.map(String.init).joined(separator: ", ")
            try Files.write("__attribute__((weak)) char \(name)[] = {\(list)};\n", to: directory + "/array.c")
            try Command(Toolchain().tool("clang"), ["-c", directory + "/array.c", "-o", directory + "/array.o"]).check()
            return try Files.read(directory + "/array.o")
        }
    }

    @Test func `the same array under one name is no matter`() throws {
        var arrays = OutlinedArrays()
        try arrays.add(object("functionTv_r", [1, 2]), from: "a.o")
        try arrays.add(object("functionTv_r", [1, 2]), from: "b.o")
        try arrays.add(object("functionTv0_r", [1]), from: "c.o")
    }

    @Test(arguments: [[1, 3], [1], [1, 2, 3]]) func `another array under the same name is named with both files`(
        values: [Int]
    ) throws {
        var arrays = OutlinedArrays()
        try arrays.add(object("functionTv1_r", [1, 2]), from: "a.o")
        let other = try object("functionTv1_r", values)
        #expect(throws: BuildError.twoArrays(symbol: "functionTv1_r", files: ["a.o", "b.o"])) {
            try arrays.add(other, from: "b.o")
        }
    }

    @Test func `other constants may differ`() throws {
        var arrays = OutlinedArrays()
        try arrays.add(object("table", [1, 2]), from: "a.o")
        try arrays.add(object("table", [3]), from: "b.o")
        #expect(!OutlinedArrays.isOutlined("Tv") && !OutlinedArrays.isOutlined("Tv_rx"))
    }
}
