/// ESR_EL1 in words. Arm ARM DDI 0487, D24.2.37.
struct ExceptionSyndrome {
    let value: UInt64

    private var exceptionClass: UInt64 { value >> 26 & 0x3f }
    private var specific: UInt64 { value & 0x1ff_ffff }
    private var faultStatus: UInt64 { value & 0x3f }

    /// Whether FAR_EL1 says which address was meant.
    var hasAddress: Bool {
        switch exceptionClass {
        case 0x20, 0x21, 0x22, 0x24, 0x25: true
        default: false
        }
    }

    /// What happened.
    var name: StaticString {
        switch exceptionClass {
        case 0x00: "undefined instruction"
        case 0x07: "use of SIMD or floating point, which is off"
        case 0x0e: "illegal execution state"
        case 0x15: "supervisor call, which nothing here makes"
        case 0x18: "access to a system register that is not allowed"
        case 0x20, 0x21: "instruction abort"
        case 0x22: "misaligned program counter"
        case 0x24, 0x25: isWrite ? "data abort while writing" : "data abort while reading"
        case 0x26: "misaligned stack pointer"
        case 0x2c: "floating-point exception"
        case 0x2f: "system error"
        case 0x3c: breakpoint
        default: "exception of an unknown class"
        }
    }

    /// For aborts: why the access failed.
    var fault: StaticString? {
        guard hasAddress, exceptionClass != 0x22 else { return nil }
        switch faultStatus {
        case 0x00...0x03: return "address size fault"
        case 0x04...0x07: return "nothing is mapped there"
        case 0x08...0x0b: return "access flag fault"
        case 0x0c...0x0f: return "the page does not allow it"
        case 0x10: return "nothing answers there"
        case 0x14...0x17: return "nothing answers where the translation tables should be"
        case 0x18: return "memory parity error"
        case 0x21: return "misaligned address"
        case 0x30: return "conflicting translations"
        case 0x35: return "exclusive access to memory that does not support it"
        default: return "fault of an unknown kind"
        }
    }

    private var isWrite: Bool { specific >> 6 & 1 == 1 }

    private var breakpoint: StaticString {
        switch value & 0xffff {
        case 0x0001: "Swift trap (index out of range, nil unwrapped, overflow or a failed precondition)"
        case 0xa905: "broken contract"
        default: "breakpoint instruction"
        }
    }
}
