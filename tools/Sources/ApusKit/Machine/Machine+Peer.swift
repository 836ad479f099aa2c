extension Machine: LiveConsole.Peer {
    package var outputDescriptor: Int32 { consoleDescriptor }

    package func send(_ bytes: [UInt8]) { type(bytes) }

    package func outputEnded() -> Bool { false }
}
