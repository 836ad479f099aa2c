/// The tasks that could run, first in, first out within each priority.
@safe
struct ReadyQueue {
    private var heads: [3 of TaskPointer?] = [nil, nil, nil]
    private var tails: [3 of TaskPointer?] = [nil, nil, nil]

    /// Puts `task` at the end of its priority's queue.
    mutating func append(_ task: TaskPointer) {
        let level = unsafe Int(task.pointee.priority.rawValue)
        unsafe task.pointee.next = nil
        if let tail = unsafe tails[level] {
            unsafe tail.pointee.next = unsafe task
        } else {
            unsafe heads[level] = unsafe task
        }
        unsafe tails[level] = unsafe task
    }

    /// Takes the first task of the highest priority that has any.
    mutating func take() -> TaskPointer? {
        for level in 0..<3 {
            guard let task = unsafe heads[level] else { continue }
            unsafe heads[level] = task.pointee.next
            if unsafe task.pointee.next == nil { unsafe tails[level] = nil }
            return unsafe task
        }
        return nil
    }
}
