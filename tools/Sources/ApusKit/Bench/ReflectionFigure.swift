/// What comes of a minute of frames, sent as fast as this machine can, to an image that sends them back.
struct ReflectionFigure: Benchmark {
    /// What of the result.
    enum Part: Sendable {
        case rate, unexplained, damaged
    }

    static let seconds = 60.0

    /// Bytes of each frame, without its check sequence.
    let length: Int
    let part: Part

    private var onTheCable: Int { length + 4 }

    var name: String {
        switch part {
        case .rate: "reflect-\(onTheCable)"
        case .unexplained: "reflect-\(onTheCable)-lost"
        case .damaged: "reflect-\(onTheCable)-damaged"
        }
    }

    var title: String {
        switch part {
        case .rate: "`Reflect`, frames of \(onTheCable) bytes"
        case .unexplained: "of them, lost without the model counting an overflow"
        case .damaged: "of them, changed or out of order"
        }
    }

    var method: String {
        switch part {
        case .rate: "there and back for a minute, over a socket, as fast as this machine sends"
        case .unexplained: "sent, less those that came back and those the model had no room for"
        case .damaged: "each is compared, and carries its number"
        }
    }

    var goal: Goal? { part == .rate ? nil : Goal(most: 0, unit: "frames") }

    func measure(_ bench: Workbench) throws -> Measurement {
        let result = try bench.once(name(of: .rate)) {
            let machine = try Machine(bench.configuration("Reflect", hasBoardDevices: true))
            try machine.expect("reflect: link up")
            // Twice what the ring holds: the sender is not what limits.
            let trial = try ReflectionTrial(
                machine, guest: Machine.hardwareAddress, length: .fixed(length), window: 512)
            return try trial.run(seconds: Self.seconds)
        }
        return switch part {
        case .rate: Measurement(value: result.rate, unit: "frames a second")
        case .unexplained: Measurement(value: result.unexplained, unit: "frames")
        case .damaged: Measurement(value: result.corrupted + result.reordered, unit: "frames")
        }
    }

    private func name(of part: Part) -> String { ReflectionFigure(length: length, part: part).name }
}
