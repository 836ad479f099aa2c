extension Machine: LiveConsole.Peer {
    package var outputDescriptor: Int32 { consoleDescriptor }

    package func outputEnded() -> Bool { false }
}
