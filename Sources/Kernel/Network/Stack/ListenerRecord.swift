/// A port on which connections are accepted.
struct ListenerRecord {
    let id: ListenerID
    /// The address at which it listens; unspecified for every one of this host.
    let address: IPv4Address
    let port: Port
    let configuration: TCPConfiguration
    var backlog: ListenBacklog
    var owner: UInt = 0
    /// Connections that wait to be accepted, first and last.
    var firstToAccept = ConnectionRecord.none
    var lastToAccept = ConnectionRecord.none
}
