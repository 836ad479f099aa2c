import Interfaces

/// A block device that several tasks use at once. Requests that find it busy wait in a queue, sorted by block; those that are neighbours
/// become one.
///
///     call --(1)--> performs --(4)--> returns
///          --(2)--> queued --(3)--> performs
///                          --(5)--> performed by another --> returns
///
/// 1 The device is free. 2 It is not. 3 `passOn` of the task before: performs its own request and those that continue it. 4 `passOn`
/// chooses the next. 5 It continues the request of a task that performs.
///
/// Several writes to the same blocks that are under way at once happen in some order. A task that is cancelled gets its turn as well, for a
/// device answers in bounded time: what it writes at its end does not depend on whether another task is there at that moment. Whoever
/// performs has the priority of the highest that waits. Before the board goes off or starts again, what is queued is done and what comes
/// then is refused.
@safe
public final class SharedBlockDevice: BlockDevice {
    private let device: any BlockDevice
    /// Bytes in a block. The same for every medium that fits the device.
    private let blockSize: Int
    private var queue = BlockQueue()
    /// The task that performs.
    private var performer: TaskPointer?
    /// Whether requests are refused, for the board goes off.
    private var isClosed = false
    /// The one that was made before this one and is still there.
    private var next: Unmanaged<SharedBlockDevice>?
    /// The one that was made last.
    nonisolated(unsafe) private static var last: Unmanaged<SharedBlockDevice>?

    /// Closes every shared device: `closeAll`, for boards, whose images hold it only when there can be such a device. Nil while there was
    /// none.
    nonisolated(unsafe) package private(set) static var closing: ((Instant) -> Void)?
    /// The requests that are performed together, and their memory.
    private var run = unsafe [16 of UnsafeMutablePointer<BlockRequest>?](repeating: nil)
    private var pieces = [16 of BlockPiece](repeating: BlockPiece())
    /// Requests that went along with another.
    public private(set) var mergedRequests: UInt64 = 0

    /// Requests that become one, at most.
    private static var longestRun: Int { 16 }
    /// Blocks in one turn at most: 1 MiB, after which others have theirs.
    private static var blocksPerTurn: UInt64 { 2048 }

    /// Shares `device`, which nobody else uses from now on.
    public init(_ device: any BlockDevice) {
        self.device = device
        blockSize = device.geometry.blockSize
        unsafe next = Self.last
        unsafe Self.last = .passUnretained(self)
        unsafe Self.closing = { SharedBlockDevice.closeAll(until: $0) }
    }

    deinit {
        let me = unsafe Unmanaged.passUnretained(self).toOpaque()
        guard var one = unsafe Self.last else { return }
        if unsafe one.toOpaque() == me {
            unsafe Self.last = next
            return
        }
        while let following = unsafe one.takeUnretainedValue().next {
            if unsafe following.toOpaque() == me {
                unsafe one.takeUnretainedValue().next = unsafe next
                return
            }
            unsafe one = following
        }
    }

    // MARK: - The end

    /// Lets every shared device refuse new requests with `.absent`, and waits until those that were made before are done, for an orderly end: not
    /// beyond `deadline`. For a task that has none under way itself.
    static func closeAll(until deadline: Instant) {
        while true {
            var isBusy = false
            var one = unsafe last
            while let device = unsafe one?.takeUnretainedValue() {
                device.isClosed = true
                isBusy = unsafe isBusy || device.performer != nil
                unsafe one = unsafe device.next
            }
            if !isBusy || SystemTime.now >= deadline { return }
            TaskClock().wait(for: .milliseconds(1))
        }
    }

    /// The device's.
    public var geometry: BlockGeometry { device.geometry }

    /// Reads: see `BlockDevice`. More than 1 MiB takes several turns.
    public func read(_ first: UInt64, into buffer: inout MutableRawSpan) throws(BlockError) {
        try unsafe buffer.withUnsafeMutableBytes { (bytes) throws(BlockError) in
            try unsafe move(.read, first, bytes)
        }
    }

    /// Writes: see `BlockDevice`. More than 1 MiB takes several turns.
    public func write(_ first: UInt64, from buffer: RawSpan) throws(BlockError) {
        try unsafe buffer.withUnsafeBytes { (bytes) throws(BlockError) in
            try unsafe move(.write, first, UnsafeMutableRawBufferPointer(mutating: bytes))
        }
    }

    /// Flushes when it is the task's turn. Writes that returned before are durable then.
    public func flush() throws(BlockError) { try perform(.flush, queue.position..<queue.position) }

    /// Discards when it is the task's turn.
    public func discard(_ blocks: Range<UInt64>) throws(BlockError) { try perform(.discard, blocks) }

    // MARK: - Turns

    private func move(
        _ kind: BlockRequest.Kind, _ first: UInt64, _ bytes: UnsafeMutableRawBufferPointer
    ) throws(BlockError) {
        guard bytes.count % blockSize == 0 else { throw BlockError(.outOfRange) }
        let perTurn = Int(Self.blocksPerTurn) * blockSize
        if bytes.count <= perTurn {
            let (end, overflow) = first.addingReportingOverflow(UInt64(bytes.count / blockSize))
            if overflow { throw BlockError(.outOfRange) }
            return try perform(kind, first..<end, unsafe BlockPiece(bytes))
        }
        var offset = 0
        while offset < bytes.count {
            let count = min(perTurn, bytes.count - offset)
            let start = first &+ UInt64(offset / blockSize)
            let (end, overflow) = start.addingReportingOverflow(UInt64(count / blockSize))
            if overflow { throw BlockError(.outOfRange) }
            let part = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[offset..<offset + count])
            try perform(kind, start..<end, unsafe BlockPiece(part))
            offset += count
        }
    }

    private func perform(
        _ kind: BlockRequest.Kind, _ blocks: Range<UInt64>,
        _ piece: BlockPiece = BlockPiece()
    ) throws(BlockError) {
        Interference.mayWait()
        if isClosed { throw BlockError(.absent) }
        let task = unsafe Scheduler.current!
        guard let performer = unsafe performer else {
            unsafe self.performer = unsafe task
            unsafe Scheduler.take(task)
            defer { passOn() }
            queue.advance(to: blocks.upperBound)
            return try ask(kind, blocks, piece)
        }
        unsafe Scheduler.lend(to: performer)
        var request = unsafe BlockRequest(kind: kind, blocks: blocks, piece: piece, task: task)
        // The queue refers to it by address until it is taken out again, which `awaitTurn` sees to.
        unsafe withUnsafeMutablePointer(to: &request) { unsafe awaitTurn($0) }
        if let error = request.error { throw error }
    }

    /// Waits in the queue, and performs when `request` is chosen.
    private func awaitTurn(_ request: UnsafeMutablePointer<BlockRequest>) {
        unsafe queue.insert(request)
        while true {
            switch unsafe request.pointee.state {
            case .done: return
            case .chosen:
                unsafe performRun(request)
                return passOn()
            case .queued, .performed: Scheduler.park(until: .never, for: "block device")
            }
        }
    }

    /// Gives the device to the next request's task, and lets that run first: its command is on the way before this task goes on.
    private func passOn() {
        if let task = unsafe performer { unsafe Scheduler.giveBack(task) }
        guard let next = unsafe queue.next() else {
            unsafe performer = nil
            return
        }
        unsafe next.pointee.state = .chosen
        let task = unsafe next.pointee.task
        unsafe performer = unsafe task
        unsafe Scheduler.stopWaiting(task)
        unsafe Scheduler.take(task)
        if let level = unsafe queue.waitFor(task) { unsafe Scheduler.lend(level, to: task) }
        unsafe Scheduler.wake(task)
        Scheduler.yield()
    }

    /// Performs `request` with everything in the queue that continues it.
    private func performRun(_ request: UnsafeMutablePointer<BlockRequest>) {
        var count = 0
        unsafe queue.takeRun(from: request, atMost: Self.longestRun, blocks: Self.blocksPerTurn) { one in
            unsafe one.pointee.state = .performed
            unsafe run[count] = unsafe one
            pieces[count] = unsafe one.pointee.piece
            count += 1
        }
        unsafe queue.advance(to: run[count - 1]!.pointee.blocks.upperBound)
        if count == 1 { return unsafe performAlone(request) }
        mergedRequests &+= UInt64(count - 1)
        let first = unsafe request.pointee.blocks.lowerBound
        do throws(BlockError) {
            let part = pieces.span.extracting(0..<count)
            if unsafe request.pointee.kind == .read {
                try device.read(first, scatter: part)
            } else {
                try device.write(first, gather: part)
            }
            for index in 0..<count { unsafe finish(run[index]!) }
        } catch {
            // Each by itself: an error is of that request alone whose blocks it names.
            for index in 0..<count { unsafe performAlone(run[index]!) }
        }
    }

    private func performAlone(_ request: UnsafeMutablePointer<BlockRequest>) {
        do throws(BlockError) {
            try unsafe ask(request.pointee.kind, request.pointee.blocks, request.pointee.piece)
        } catch {
            unsafe request.pointee.error = error
        }
        unsafe finish(request)
    }

    private func finish(_ request: UnsafeMutablePointer<BlockRequest>) {
        unsafe request.pointee.state = .done
        unsafe Scheduler.stopWaiting(request.pointee.task)
        if unsafe request.pointee.task != Scheduler.current { unsafe Scheduler.wake(request.pointee.task) }
    }

    private func ask(
        _ kind: BlockRequest.Kind, _ blocks: Range<UInt64>, _ piece: BlockPiece
    ) throws(BlockError) {
        switch kind {
        case .read:
            var span = unsafe MutableRawSpan(_unsafeBytes: piece.bytes)
            try device.read(blocks.lowerBound, into: &span)
        case .write:
            try device.write(
                blocks.lowerBound, from: unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(piece.bytes)))
        case .flush: try device.flush()
        case .discard: try device.discard(blocks)
        }
    }
}
