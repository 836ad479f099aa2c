import Foundation
import Testing

@testable import ApusKit

@Suite struct FlowControlTests {
    private let start = Date(timeIntervalSince1970: 0)

    private func at(_ seconds: Double) -> Date { start.addingTimeInterval(seconds) }

    @Test func `a board that asks for a pause gets one until it asks for more, and nobody sees that`() {
        var flow = FlowControl()
        #expect(flow.allowance(now: start) > 1000)
        #expect(flow.filter([0x61, 0x13, 0x62], now: start) == [0x61, 0x62])
        #expect(flow.allowance(now: at(0.9)) == 0)
        #expect(flow.filter([0x11], now: at(0.9)) == [])
        #expect(flow.allowance(now: at(0.9)) > 1000)
    }

    @Test func `one that stays silent is tried, and believed when it asks again`() {
        var flow = FlowControl()
        _ = flow.filter([0x13], now: start)
        #expect(flow.allowance(now: at(1)) == 64)
        flow.didSend(now: at(1))
        #expect(flow.allowance(now: at(1.1)) == 0)
        _ = flow.filter([0x13], now: at(1.1))
        #expect(flow.allowance(now: at(2)) == 0)
        #expect(flow.allowance(now: at(2.2)) == 64)
    }

    @Test func `one that has started anew and does not ask again gets everything`() {
        var flow = FlowControl()
        _ = flow.filter([0x13], now: start)
        _ = flow.allowance(now: at(1))
        flow.didSend(now: at(1))
        #expect(flow.allowance(now: at(1.3)) > 1000)
    }

    @Test func `a later word counts`() {
        var flow = FlowControl()
        _ = flow.filter([0x11, 0x13], now: start)
        #expect(flow.allowance(now: start) == 0)
        _ = flow.filter([0x13, 0x11], now: start)
        #expect(flow.allowance(now: start) > 1000)
    }
}
