import Foundation

/// A program with its arguments, to run to its end.
package struct Command: Sendable {
    /// The program: a name looked up in PATH, or a path.
    package var program: String
    /// Its arguments.
    package var arguments: [String]
    /// The directory to run in; nil for the current one.
    package var directory: String?
    /// Variables added to the environment.
    package var environment: [String: String] = [:]

    /// A command, not yet run.
    package init(
        _ program: String, _ arguments: [String] = [], directory: String? = nil, environment: [String: String] = [:]
    ) {
        self.program = program
        self.arguments = arguments
        self.directory = directory
        self.environment = environment
    }

    /// `text` as one word of a command line of a program that takes it apart itself: with backslashes.
    package static func escapingBlanks(_ text: String) -> String {
        text.flatMap { " \t\\\"'".contains($0) ? ["\\", $0] : [$0] }.reduce(into: "") { $0.append($1) }
    }

    /// What a command wrote and how it ended.
    package struct Output: Sendable {
        /// The way it ended.
        package let status: ExitStatus
        /// What it wrote on standard output, and on standard error where that was asked for.
        package let bytes: [UInt8]

        /// The bytes as text.
        package var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    /// Runs with the terminal of this process.
    package func run() throws -> ExitStatus {
        try start(input: .inherited).wait()
    }

    /// Runs and gathers the output; `input` is what the program reads.
    package func capture(input: String? = nil, mergingErrors: Bool = false) throws -> Output {
        let child = try start(
            input: input == nil ? .null : .pipe, output: .pipe, errors: mergingErrors ? .inherited : .null,
            mergesErrors: mergingErrors)
        if let input {
            try feed(Array(input.utf8), to: child)
        }
        let bytes = Descriptor.readToEnd(child.output)
        return Output(status: child.wait(), bytes: bytes)
    }

    /// Runs, gathers the output, and throws an error that shows it unless all went well.
    @discardableResult
    package func check(input: String? = nil) throws -> String {
        let output = try capture(input: input, mergingErrors: true)
        guard output.status.isSuccess else {
            throw ProcessError.failed(self.description, output: output.text)
        }
        return output.text
    }

    /// Starts the command without waiting for it.
    package func start(
        input: ChildProcess.Stream = .null, output: ChildProcess.Stream = .inherited,
        errors: ChildProcess.Stream = .inherited, mergesErrors: Bool = false
    ) throws -> ChildProcess {
        guard let executable = Executable.find(program) else {
            throw ProcessError.notFound(program)
        }
        guard let directory else {
            return try ChildProcess(
                executable, arguments, environment: environment, input: input, output: output, errors: errors,
                mergesErrors: mergesErrors)
        }
        return try ChildProcess(
            "/usr/bin/env", ["--chdir=\(directory)", executable] + arguments, environment: environment, input: input,
            output: output, errors: errors, mergesErrors: mergesErrors)
    }

    // A thread of its own, because a child may answer before it has read everything.
    private func feed(_ bytes: [UInt8], to child: ChildProcess) throws {
        let descriptor = dup(child.input)
        child.closeInput()
        let writer = Thread {
            Descriptor.writeAll(bytes, to: descriptor)
            close(descriptor)
        }
        writer.start()
    }
}

extension Command: CustomStringConvertible {
    /// The command as one would type it, shortened.
    package var description: String {
        let line = ([program] + arguments).joined(separator: " ")
        return line.count > 100 ? line.prefix(100) + "..." : line
    }
}
