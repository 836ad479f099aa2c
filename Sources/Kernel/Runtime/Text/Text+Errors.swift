import Interfaces

extension Text.Interpolation {
    /// Why a device could not answer.
    @inline(never)
    public mutating func appendInterpolation(_ error: DeviceError) {
        switch error {
        case .absent: text.put("there is none")
        case .timeout(let what):
            text.put("no answer in time: ")
            text.put(what)
        case .invalid(let what):
            text.put("an answer that cannot be true: ")
            text.put(what)
        case .unsupported(let what):
            text.put("not supported: ")
            text.put(what)
        }
    }

    /// Why a block device could not do what it was asked.
    @inline(never)
    public mutating func appendInterpolation(_ error: BlockError) {
        switch error.cause {
        case .absent: text.put("no medium")
        case .outOfRange: text.put("a request past the end")
        case .readOnly: text.put("it is read-only")
        case .corrupted: text.put("a checksum does not match")
        case .timeout(let what):
            text.put("no answer in time: ")
            text.put(what)
        case .refused(let status):
            text.put("it refused, status ")
            text.putHexadecimal(UInt64(status), digits: 8)
        }
    }
}
