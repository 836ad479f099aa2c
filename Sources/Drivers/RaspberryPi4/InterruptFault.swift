import GIC400
import Interfaces

/// Why no interrupt comes.
enum InterruptFault: Equatable {
    /// The boot stub has kept them for the secure side.
    case notHandedOver
    /// The controller does not offer what was sent.
    case notOffered
    /// The controller offers it, and the processor does not see it: its line is another controller's. Firmware does so without a
    /// device tree unless it is told otherwise.
    case notSeen
    /// Only the timer's does not come.
    case noTimer

    /// What was seen, for a line on the console.
    var seen: StaticString {
        switch self {
        case .notHandedOver: "they are the secure side's"
        case .notOffered: "the controller does not offer its own"
        case .notSeen: "the controller has one, and the processor does not see it"
        case .noTimer: "only the timer's does not come"
        }
    }

    /// What keeps `interrupt`, which was sent and does not arrive.
    init(of interrupt: InterruptID, _ controller: GIC400<some RegisterBus>) {
        if !controller.isHandedOver(interrupt) {
            self = .notHandedOver
        } else if controller.offered.interrupt == interrupt {
            self = .notSeen
        } else {
            self = .notOffered
        }
    }
}
