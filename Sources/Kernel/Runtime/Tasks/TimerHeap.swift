import Interfaces

/// Who wants to be woken when: a binary heap by deadline, with the position of each task kept in its record.
///
/// A task has at most one deadline, and room for one is made when it is spawned: waiting allocates nothing.
@safe
struct TimerHeap {
    @safe
    private struct Entry {
        var deadline: Instant
        var task: TaskPointer
    }

    private var entries: UnsafeMutablePointer<Entry>?
    private var capacity = 0
    private(set) var count = 0

    /// The earliest deadline, `.never` without any.
    var earliest: Instant { count == 0 ? .never : unsafe entries![0].deadline }

    /// Makes room for `tasks` tasks.
    mutating func reserve(_ tasks: Int) {
        guard tasks > capacity else { return }
        let larger = max(16, capacity * 2)
        let room = UnsafeMutablePointer<Entry>.allocate(capacity: larger)
        if let entries = unsafe entries {
            unsafe room.moveInitialize(from: entries, count: count)
            unsafe entries.deallocate()
        }
        unsafe entries = room
        capacity = larger
    }

    /// Notes that `task` wants to be woken at `deadline`. Costs O(log n).
    mutating func insert(_ task: TaskPointer, at deadline: Instant) {
        unsafe (entries! + count).initialize(to: Entry(deadline: deadline, task: task))
        count += 1
        rise(count - 1)
    }

    /// Forgets the deadline of `task`, if it has one. Costs O(log n).
    mutating func remove(_ task: TaskPointer) {
        let index = unsafe task.pointee.timerIndex
        guard index >= 0 else { return }
        unsafe task.pointee.timerIndex = -1
        count -= 1
        guard index < count else { return }
        unsafe entries![index] = entries![count]
        unsafe entries![index].task.pointee.timerIndex = index
        sink(index)
        rise(index)
    }

    /// Takes out a task whose deadline is `now` or earlier, or nil.
    mutating func takeDue(_ now: Instant) -> TaskPointer? {
        guard count > 0, unsafe entries![0].deadline <= now else { return nil }
        let task = unsafe entries![0].task
        unsafe remove(task)
        return unsafe task
    }

    private mutating func rise(_ start: Int) {
        var index = start
        let entry = unsafe entries![index]
        while index > 0 {
            let parent = (index - 1) / 2
            guard unsafe entry.deadline < entries![parent].deadline else { break }
            place(unsafe entries![parent], at: index)
            index = parent
        }
        place(entry, at: index)
    }

    private mutating func sink(_ start: Int) {
        var index = start
        let entry = unsafe entries![index]
        while 2 * index + 1 < count {
            var child = 2 * index + 1
            if child + 1 < count, unsafe entries![child + 1].deadline < entries![child].deadline { child += 1 }
            guard unsafe entries![child].deadline < entry.deadline else { break }
            place(unsafe entries![child], at: index)
            index = child
        }
        place(entry, at: index)
    }

    private mutating func place(_ entry: Entry, at index: Int) {
        unsafe entries![index] = entry
        unsafe entry.task.pointee.timerIndex = index
    }
}
