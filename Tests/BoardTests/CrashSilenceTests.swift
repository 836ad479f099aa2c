import Testing

@testable import RaspberryPi4

@Suite struct CrashSilenceTests {
    /// What was called, in order.
    nonisolated(unsafe) private static var called: [String] = []

    @Test func `after a crash each device is silenced once, the rest also when one of them fails`() {
        Board.atCrash { Self.called.append("first") }
        Board.atCrash {
            Self.called.append("second")
            // What a fault in here leads to: the end of the crash is reached again.
            Board.silenceDevices()
        }
        Board.atCrash { Self.called.append("third") }
        Board.silenceDevices()
        Board.silenceDevices()
        #expect(Self.called == ["first", "second", "third"])
    }
}
