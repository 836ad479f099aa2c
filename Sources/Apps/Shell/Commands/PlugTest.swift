import Runtime
import ShellCore
import Storage

// plugtest: writing until the plug is pulled.

extension Command {
    static var plugTest: Command {
        Command(
            name: "plugtest", usage: "directory [rounds]",
            help: "write files, and say what must be there if the plug is pulled now", arguments: .directory
        ) { (session, words) throws(CommandError) in
            guard (1...2).contains(words.count) else { throw .usage }
            guard let rounds = words.count == 2 ? Number.parse(words[1]) : .max else { throw .usage }
            let directory = session.path(words[0])
            try session.withVolume { (volume) throws(FileError) in
                do throws(FileError) { try volume.makeDirectory(directory) } catch {
                    guard case .exists = error else { throw error }
                }
            }
            var round: UInt64 = 1
            while round <= rounds {
                try session.checkCancellation()
                try session.withVolume { (volume) throws(FileError) in
                    try PlugTest(volume: volume, directory: directory, round: round).run()
                }
                session.line("durable \(round)")
                round += 1
            }
        }
    }
}

/// What `plugtest` does in a round: a new file, one that is replaced, one that grows, and one that goes.
struct PlugTest {
    let volume: FATVolume
    let directory: String
    let round: UInt64

    func run() throws(FileError) {
        let file = try volume.open("\(directory)/round number \(round).bin", .create)
        try file.write(content)
        try file.flush()
        let log = try volume.open("\(directory)/log.txt", [.create, .append])
        try log.write(Array("round \(round)\n".utf8))
        let next = try volume.open("\(directory)/state\(round % 20).new", .create)
        try next.write(Array("round \(round)\n".utf8))
        try next.close()
        try volume.rename("\(directory)/state\(round % 20).new", to: "\(directory)/state.txt")
        if round > 4 { try volume.remove("\(directory)/round number \(round - 4).bin") }
        try volume.synchronize()
    }

    /// Up to 60,000 bytes that depend on the round.
    private var content: [UInt8] {
        var bytes: [UInt8] = []
        let count = Int(round &* 7919 % 60_000)
        bytes.reserveCapacity(count)
        for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: index &* 7 &+ Int(round) &* 31)) }
        return bytes
    }
}
