import Boot
import Interfaces
import Mailbox
import PL011
import PowerManagement
import Runtime

/// The Raspberry Pi 4 Model B: its devices wired to the contracts of Interfaces.
///
/// Everything is static, for there is one board; what an application does not call is not linked. The start configures the
/// console (polled), a heap of 62 MiB and the processor's clock. `start` adds the rest: interrupts, tasks, all memory.
public enum Board {
    /// Watchdog, reboot and power off. A released QEMU's watchdog does not count: there it is never armed.
    public static var power: PowerManagement<MMIO> {
        PowerManagement(MemoryMap.powerManagement, countsDown: !isEmulated)
    }

    /// The console, once `start` has made it; `print` goes there as well.
    nonisolated(unsafe) public private(set) static var console: SerialConsole<PL011<MMIO>>!

    /// Starts what the application's first function does without: interrupts, tasks, the rest of the memory, a console that
    /// does not wait. Once, before anything else of the runtime is used; what runs becomes the task `main`.
    ///
    /// Where no interrupt comes it says so, and what is printed goes on being sent byte by byte: a program that waits stands still there.
    public static func start() {
        cutOffEthernet()
        let haveInterrupts = startInterrupts()
        Tasks.start()
        enableInterrupt(InterruptMap.timer, name: "timer") { Tasks.timerInterrupt() }
        unsafe console = SerialConsole(consolePort)
        enableInterrupt(InterruptMap.uart, name: "uart") { unsafe Board.console.handleInterrupt() }
        if haveInterrupts {
            unsafe finishOutput = { unsafe Board.console.drain() }
            unsafe StandardOutput.use(console)
        }
        PhysicalMemory.addRest()
    }

    /// Ends the program: lets disks finish what was asked of them, sends what is still queued for the console and turns the board off. Returning
    /// from the application's main function does the same.
    public static func powerOff() -> Never {
        endDevices()
        power.powerOff()
    }

    /// Starts the board again through the firmware. What was asked of disks before is done, within a second; what comes later is refused.
    public static func reboot() -> Never {
        for stop in unsafe deviceStops { stop() }
        endDevices()
        power.reboot(partition: 0)
    }

    /// The order is Linux's: the queue of every disk is emptied, the card is let finish and its clock stopped, the firmware is told, the card's
    /// power is cycled at 3.3 V. The reset follows.
    private static func endDevices() {
        unsafe SharedBlockDevice.closing?(SystemTime.now + .seconds(1))
        unsafe stopCard?()
        unsafe finishOutput?()
        consolePort.drainPolled()
        unsafe releaseCard?()
    }

    /// Starts the board again with its other boot files, once: what `tryboot.txt` says, or the partition that `autoboot.txt` names for
    /// trials. The boot after that is an ordinary one. Throws, and does nothing, when the firmware knows of no such thing.
    public static func rebootOnTrial() throws(DeviceError) {
        do throws(DeviceError) {
            try askFirmware { firmware throws(DeviceError) in try firmware.setRebootFlags(1) }
        } catch {
            // Done, and not said to be: the firmware keeps it in the register of the reset.
            guard power.resetStatus.startsTrial else { throw error }
        }
        reboot()
    }

    /// Empties the queues of whatever console is in use.
    nonisolated(unsafe) static var finishOutput: (() -> Void)?

    /// Lets the card finish, and stops its clock.
    nonisolated(unsafe) static var stopCard: (() -> Void)?
    /// Brings the card back to where the boot ROM finds it. Nothing but a reset comes after it.
    nonisolated(unsafe) static var releaseCard: (() -> Void)?
    /// The same after a crash: polled, bounded, without tasks.
    nonisolated(unsafe) static var releaseCardAtCrash: (() -> Void)?

    nonisolated(unsafe) private static var deviceStops: [() -> Void] = []

    /// Lets `stop` be called before another image takes the memory: it stops a device that writes there by itself.
    package static func beforeReboot(_ stop: @escaping () -> Void) { unsafe deviceStops.append(stop) }

    // MARK: - Crash

    nonisolated(unsafe) private static var silences: [() -> Void] = []
    /// How many of them have been called.
    nonisolated(unsafe) private static var silenced = 0

    /// Lets `silence` be called after a crash, before anything else is done about the board, also when it is to stand still: for a device
    /// that goes on alone when the processor stops, and troubles others by it.
    ///
    /// It runs masked, on the exception stack, in a program that is broken: it writes registers, and neither waits, allocates nor
    /// takes a lock. What it needs is captured beforehand. Called once, even when it fails itself.
    package static func atCrash(_ silence: @escaping () -> Void) { unsafe silences.append(silence) }

    /// What of the end after a crash has been begun.
    nonisolated(unsafe) static var endStep = 0

    /// Silences the devices that go on alone.
    static func silenceDevices() {
        while unsafe silenced < silences.count {
            // Counted before the call: one that faults brings us here again, and must not be called again.
            unsafe silenced += 1
            unsafe silences[silenced - 1]()
        }
    }
}
