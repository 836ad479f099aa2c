import Boot
import Testing

@testable import Runtime

@Suite struct CrashTests {
    @Test(arguments: [
        (0x9600_0045, "data abort while writing", "nothing is mapped there"),
        (0x9600_0007, "data abort while reading", "nothing is mapped there"),
        (0x9600_004f, "data abort while writing", "the page does not allow it"),
        (0x8600_000f, "instruction abort", "the page does not allow it"),
        (0x9600_0010, "data abort while reading", "nothing answers there"),
        (0x9600_0021, "data abort while reading", "misaligned address"),
    ])
    func `aborts are told in words`(syndrome: UInt64, name: String, fault: String) {
        let decoded = ExceptionSyndrome(value: syndrome)
        #expect("\(decoded.name)" == name)
        #expect(decoded.fault.map { "\($0)" } == fault)
    }

    @Test func `a Swift trap and a broken contract differ`() {
        #expect("\(ExceptionSyndrome(value: 0xf200_0001).name)".hasPrefix("Swift trap"))
        #expect("\(ExceptionSyndrome(value: 0xf200_a905).name)" == "broken contract")
        #expect(ExceptionSyndrome(value: 0xf200_0001).fault == nil)
    }
}
