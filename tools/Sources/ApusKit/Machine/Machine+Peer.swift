extension Machine: LiveConsole.Peer {
    public var outputDescriptor: Int32 { consoleDescriptor }

    public func send(_ bytes: [UInt8]) { type(bytes) }

    public func outputEnded() -> Bool { false }
}
