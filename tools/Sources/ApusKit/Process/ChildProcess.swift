import Foundation
import Glibc

/// A program running beside this one, started with `posix_spawn`.
///
/// Everything here is synchronous: whoever waits for a child also watches a terminal or a serial line, and `poll`
/// waits for all of them at once. A child stays in the process group of its parent, so that it may use the terminal, unless it is to have one of
/// its own, where the keys that end a program do not reach it.
package final class ChildProcess {
    /// Where a standard stream of the child comes from or goes to.
    package enum Stream {
        /// The stream of this process.
        case inherited
        /// `/dev/null`.
        case null
        /// A pipe, whose other end the `ChildProcess` owns.
        case pipe
        /// A descriptor that the caller keeps and closes.
        case descriptor(Int32)
    }

    /// The process id.
    package let identifier: pid_t
    /// What the child reads as its standard input, if that is a pipe; -1 otherwise, and after `closeInput()`.
    package private(set) var input: Int32 = -1
    /// What the child writes on its standard output, if that is a pipe; otherwise -1.
    package let output: Int32

    private static let spawning = NSLock()
    private var status: ExitStatus?

    /// Starts `executable`, an absolute path, with standard error going the way of standard output if
    /// `mergesErrors`, and where `errors` says otherwise. The child finds the descriptors `passing` from 3 on; the
    /// caller keeps and closes its own. With `ownGroup` the child leads a process group.
    package init(
        _ executable: String, _ arguments: [String], environment: [String: String] = [:], input: Stream = .null,
        output: Stream = .inherited,
        errors: Stream = .inherited, mergesErrors: Bool = false, passing: [Int32] = [],
        ownGroup: Bool = false
    ) throws {
        // A pipe made between another thread's pipe and spawn would leak into its child and never end.
        Self.spawning.lock()
        defer { Self.spawning.unlock() }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var opened: [Int32] = []
        defer { opened.forEach { _ = close($0) } }

        func attach(_ stream: Stream, to descriptor: Int32) throws -> Int32 {
            switch stream {
            case .inherited:
                return -1
            case .null:
                posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
                return -1
            case .descriptor(let source):
                posix_spawn_file_actions_adddup2(&actions, source, descriptor)
                return -1
            case .pipe:
                var ends: [Int32] = [-1, -1]
                guard pipe(&ends) == 0 else {
                    throw ProcessError.notStarted(executable, reason: String(cString: strerror(errno)))
                }
                ends.forEach { _ = fcntl($0, F_SETFD, FD_CLOEXEC) }
                let (mine, theirs) = descriptor == 0 ? (ends[1], ends[0]) : (ends[0], ends[1])
                posix_spawn_file_actions_adddup2(&actions, theirs, descriptor)
                opened.append(theirs)
                return mine
            }
        }

        let inputEnd = try attach(input, to: 0)
        let outputEnd = try attach(output, to: 1)
        if mergesErrors {
            posix_spawn_file_actions_adddup2(&actions, 1, 2)
        } else {
            _ = try attach(errors, to: 2)
        }
        for (index, descriptor) in passing.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(3 + index))
        }
        let variables = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        var argv = ([executable] + arguments).map { strdup($0) } + [nil]
        var envp = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (argv + envp).forEach { free($0) } }

        // A child begins with the default actions, whatever this process ignores or catches.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT] { sigaddset(&defaults, signal) }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        // Threads of a pool have signals blocked, and a child would inherit that.
        var mask = sigset_t()
        sigemptyset(&mask)
        posix_spawnattr_setsigmask(&attributes, &mask)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | (ownGroup ? POSIX_SPAWN_SETPGROUP : 0)))
        posix_spawnattr_setpgroup(&attributes, 0)

        var identifier: pid_t = 0
        let result = posix_spawn(&identifier, executable, &actions, &attributes, &argv, &envp)
        guard result == 0 else {
            if inputEnd >= 0 { close(inputEnd) }
            if outputEnd >= 0 { close(outputEnd) }
            throw ProcessError.notStarted(executable, reason: String(cString: strerror(result)))
        }
        self.identifier = identifier
        self.input = inputEnd
        self.output = outputEnd
    }

    deinit {
        closeInput()
        if output >= 0 { close(output) }
    }

    /// Writes all of `bytes` to the child's standard input. A child that no longer reads loses them.
    package func write(_ bytes: [UInt8]) {
        guard input >= 0 else { return }
        Descriptor.writeAll(bytes, to: input)
    }

    /// Closes the child's standard input: it reads end of file.
    package func closeInput() {
        if input >= 0 { close(input) }
        input = -1
    }

    /// Waits for the end of the child.
    package func wait() -> ExitStatus {
        reap(options: 0) ?? .exited(127)
    }

    /// The way the child ended, or nil while it runs.
    package func poll() -> ExitStatus? {
        reap(options: WNOHANG)
    }

    /// Sends a signal, unless the child has ended.
    package func signal(_ number: Int32) {
        if status == nil { kill(identifier, number) }
    }

    /// Ends the child now, and waits for that.
    package func terminate() {
        guard poll() == nil else { return }
        signal(SIGKILL)
        _ = wait()
    }

    private func reap(options: Int32) -> ExitStatus? {
        if let status { return status }
        var raw: Int32 = 0
        var result: pid_t
        repeat {
            result = waitpid(identifier, &raw, options)
        } while result == -1 && errno == EINTR
        guard result != 0 else { return nil }
        Endings.remove(identifier)
        status = result == identifier ? ExitStatus(waitStatus: raw) : .exited(127)
        return status
    }
}

/// The way a program ended.
package enum ExitStatus: Equatable, Sendable {
    case exited(Int32)
    case signalled(Int32)

    init(waitStatus: Int32) {
        let signal = waitStatus & 0x7f
        self = signal == 0 ? .exited((waitStatus >> 8) & 0xff) : .signalled(signal)
    }

    /// Whether the program said that all went well.
    package var isSuccess: Bool { self == .exited(0) }
}
