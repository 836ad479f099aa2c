import Interfaces

/// Priorities that are lent: who waits for something that another task holds gives it its own, so that no third one keeps both waiting.
///
/// What is held is a turn at a device, an exclusion, a mutex. A loan goes on to whomever the holder waits for in turn, and ends when the
/// borrower holds nothing any more.
extension Scheduler {
    /// The running task waits for what `holder` holds, until `stopWaiting`.
    static func lend(to holder: TaskPointer?) {
        guard let holder = unsafe holder else { return }
        let task = unsafe current!
        unsafe task.pointee.waitsOn = unsafe holder
        unsafe lend(task.pointee.level, to: holder)
    }

    /// Gives `level` to `holder`, and to whom it waits for.
    static func lend(_ level: UInt8, to holder: TaskPointer) {
        var next: TaskPointer? = unsafe holder
        // Higher priorities have lower numbers. A circle of waits ends where everybody has the level.
        while let task = unsafe next, unsafe task.pointee.level > level {
            let isReady = unsafe ready.remove(task)
            unsafe task.pointee.level = level
            if isReady { unsafe ready.append(task) }
            unsafe next = task.pointee.waitsOn
        }
    }

    /// `task` has what it waited for, or has given up.
    static func stopWaiting(_ task: TaskPointer) { unsafe task.pointee.waitsOn = nil }

    /// `task` holds one thing more that others may wait for.
    static func take(_ task: TaskPointer) { unsafe task.pointee.holds += 1 }

    /// `task` holds one thing less.
    static func giveBack(_ task: TaskPointer) {
        unsafe task.pointee.holds -= 1
        guard unsafe task.pointee.holds == 0 else { return }
        let level = unsafe task.pointee.priority.rawValue
        guard unsafe task.pointee.level != level else { return }
        let isReady = unsafe ready.remove(task)
        unsafe task.pointee.level = level
        if isReady { unsafe ready.append(task) }
    }
}
