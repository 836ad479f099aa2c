/// Who is told when a connection has something to read, or has ended. Called by the network's task: it does not wait.
public protocol ConnectionWatcher: AnyObject {
    /// Something has arrived, or the connection has ended.
    func hasNews()
}
