import Interfaces

/// What is told to a GENET whose driver does not run: because nobody has started it, or because the program is broken.
public enum GENETSilence {
    /// Ends all that the controller does by itself, by one write: it neither receives nor sends, not even pause frames. Neither waits nor
    /// allocates: for the moment of a crash. Only for a controller that is there.
    public static func fall(on bus: some RegisterBus) { bus.write(.silent, to: GENETRegister.command) }

    /// Takes the network away from whatever an earlier stage left running: no frame is written to memory any more. Does not wait: what is on its
    /// way at the moment may still come. Survives an absent device. For programs that do not use the network; the driver's start does more.
    public static func cutOff(_ bus: some RegisterBus) {
        guard bus.probe(GENETRegister.revision.offset) != nil else { return }
        fall(on: bus)
        bus.write([], to: DMAEngine.receive.control)
    }
}
