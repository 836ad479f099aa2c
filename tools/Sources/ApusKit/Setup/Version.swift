/// A program's version: the first two or three numbers.
package struct Version: Comparable, CustomStringConvertible, Sendable {
    private let numbers: [Int]

    /// A version by its numbers.
    package init(_ numbers: Int...) {
        self.numbers = numbers
    }

    /// The first thing in `text` that looks like a version, such as the 10.0.2 in `QEMU emulator version 10.0.2 (Debian)`.
    package init?(in text: String) {
        let isPart: (Character) -> Bool = { $0 == "." || ("0"..."9").contains($0) }
        let words = text.split { !isPart($0) }
        for word in words {
            let parts = word.split(separator: ".").compactMap { Int($0) }
            if parts.count >= 2 {
                numbers = Array(parts.prefix(3))
                return
            }
        }
        return nil
    }

    package static func < (left: Version, right: Version) -> Bool {
        let count = max(left.numbers.count, right.numbers.count)
        for index in 0..<count where left.number(index) != right.number(index) {
            return left.number(index) < right.number(index)
        }
        return false
    }

    package static func == (left: Version, right: Version) -> Bool { !(left < right) && !(right < left) }

    package var description: String { numbers.map(String.init).joined(separator: ".") }

    private func number(_ index: Int) -> Int { index < numbers.count ? numbers[index] : 0 }
}
