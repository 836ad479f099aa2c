import MQTT
import Runtime
import Sockets

/// Why a message was not published.
public enum MessagingError: Error, Equatable, Sendable {
    /// The broker has not acknowledged it by the deadline. It is still on its way, and arrives when the broker does.
    case timedOut
    /// The task was asked to end. The message is still on its way.
    case cancelled
    /// There is no connection, and a message of quality 0 is not kept for the next one.
    case notConnected
    /// The broker does not want it.
    case refused(MQTTReason)
    /// A topic that is none.
    case invalidTopic
    /// Longer than the broker takes.
    case tooLong
    /// Too many subscriptions.
    case full

    init(_ error: MQTTError) {
        switch error {
        case .broken(let reason): self = .refused(reason)
        case .invalidTopic: self = .invalidTopic
        case .tooLong: self = .tooLong
        case .full: self = .full
        case .notConnected: self = .notConnected
        }
    }
}
