/// The tasks that could run, first in, first out within each level: a task's priority, or what was lent to it.
@safe
struct ReadyQueue {
    private var heads: [3 of TaskPointer?] = [nil, nil, nil]
    private var tails: [3 of TaskPointer?] = [nil, nil, nil]

    /// Puts `task` at the end of its level's queue.
    mutating func append(_ task: TaskPointer) {
        let level = unsafe Int(task.pointee.level)
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
            #if !hasFeature(Embedded)
                if unsafe Interference.source != nil { choose(level) }
            #endif
            guard let task = unsafe heads[level] else { continue }
            unsafe heads[level] = task.pointee.next
            if unsafe task.pointee.next == nil { unsafe tails[level] = nil }
            return unsafe task
        }
        return nil
    }

    /// Takes out `task`; false when it is not here. Costs O(n).
    mutating func remove(_ task: TaskPointer) -> Bool {
        let level = unsafe Int(task.pointee.level)
        var before: TaskPointer?
        var one = unsafe heads[level]
        while let candidate = unsafe one, unsafe candidate != task {
            unsafe before = unsafe candidate
            unsafe one = candidate.pointee.next
        }
        guard unsafe one != nil else { return false }
        if let before = unsafe before {
            unsafe before.pointee.next = task.pointee.next
        } else {
            unsafe heads[level] = task.pointee.next
        }
        if unsafe task.pointee.next == nil { unsafe tails[level] = unsafe before }
        return true
    }

    #if !hasFeature(Embedded)
        /// Moves the task that a test chooses to the front of `level`.
        private mutating func choose(_ level: Int) {
            var tasks: [TaskPointer] = unsafe []
            var next = unsafe heads[level]
            while let task = unsafe next {
                unsafe tasks.append(task)
                unsafe next = task.pointee.next
            }
            guard unsafe tasks.count > 1, let source = unsafe Interference.source else { return }
            let chosen = unsafe tasks[source.choose(of: tasks.count)]
            guard unsafe remove(chosen) else { return }
            unsafe chosen.pointee.next = unsafe heads[level]
            unsafe heads[level] = unsafe chosen
        }
    #endif
}
