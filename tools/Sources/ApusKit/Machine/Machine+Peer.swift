extension Machine: LiveConsole.Peer {
    package var outputDescriptor: Int32 { consoleDescriptor }

    /// QEMU takes one byte for a serial port that nobody has configured, and forgets it when somebody does.
    package var speaksFirst: Bool { true }

    package func outputEnded() -> Bool { false }
}
