/// What lies under Swift: the machine's instructions that no compiler emits, page tables, exceptions and the switch
/// between stacks. On the host the same names work on a simulated processor (host.c), where the runtime is tested.
#ifndef APUS_BOOT_H
#define APUS_BOOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// MARK: - Exceptions

/// The state of the processor where an exception took it. The order is that of vectors.S.
struct apus_frame {
    uint64_t x[31];
    uint64_t sp;
    uint64_t elr;
    uint64_t spsr;
    uint64_t esr;
    uint64_t far;
    uint64_t fpsr;
    uint64_t fpcr;
    uint64_t reserved[2];
    uint64_t q[64];
};

/// Why `apus_crash` is called. The values are those that vectors.S passes.
enum apus_crash_reason {
    APUS_CRASH_SYNCHRONOUS = 0,
    APUS_CRASH_UNEXPECTED_IRQ = 1,
    APUS_CRASH_FIQ = 2,
    APUS_CRASH_NESTED = 3,
    APUS_CRASH_SERROR = 4,
};

/// Calls `handler` for every IRQ, interrupts masked, on the exception stack. Without one an IRQ is a crash.
void apus_set_interrupt_handler(void (*_Nullable handler)(void));

/// Asks `handler` about a translation fault of a task before it counts as a crash: whether the page is there now.
void apus_set_fault_handler(bool (*_Nullable handler)(uint64_t address));

/// How deep exceptions are nested: 0 while tasks run and in their handlers.
extern uint32_t apus_nesting;

// MARK: - Given by Swift (the runtime and the board)

/// Reports the crash that `frame` describes and stops or reboots.
_Noreturn void apus_crash(struct apus_frame *_Nonnull frame, uint32_t reason);
/// The board's entry: the first Swift function.
void apus_start(void);
/// Where a new task starts, on its own stack.
_Noreturn void apus_task_body(void *_Nonnull argument);
/// Sends one byte to the console by waiting for room, bounded; works at any time, even in a crash.
void apus_put_byte(uint8_t byte);
/// Ends everything as the crash policy says: reboots or halts.
_Noreturn void apus_stop_after_crash(void);

// MARK: - Memory

/// Rights and kind of a mapping.
enum apus_rights {
    APUS_READ_EXECUTE = 0,
    APUS_READ_ONLY = 1,
    APUS_READ_WRITE = 2,
    APUS_DEVICE = 3,
};

/// The flattened device tree that the loader passed, or 0. Its magic was checked, and that as much as it says it has is mapped and in
/// nobody's way; nothing else.
uint64_t apus_device_tree_address(void);
/// How many bytes it says it has, at most 2 MiB; 0 without one.
uint64_t apus_device_tree_size(void);

/// Maps `size` bytes at `virtual_address` to `physical_address`, all multiples of 4 KiB, in the largest blocks that
/// fit. `page` gives a cleared page for a table, or null when there is none: then the range is mapped in part and the
/// answer is false.
bool apus_map(uint64_t virtual_address, uint64_t physical_address, uint64_t size, enum apus_rights rights,
              void *_Nullable (*_Nonnull page)(void));

/// Unmaps the page at `virtual_address` and returns the physical address it had, or 0 when it had none.
uint64_t apus_unmap_page(uint64_t virtual_address);

/// Whether the page at `virtual_address` is mapped.
bool apus_is_mapped(uint64_t virtual_address);

/// Reads the word at `address`, which may not exist. False when the access was aborted. Only from tasks, not from
/// interrupt handlers.
bool apus_probe_load(uintptr_t address, uint32_t *_Nonnull value);


// MARK: - The image

/// Addresses that the linker chose.
struct apus_limits {
    uint64_t text, rodata, data, data_limit, boot_guard, boot_stack, boot_top, limit;
};
struct apus_limits apus_image_limits(void);

/// The readable header note: lines of text, then zeros.
const uint8_t *_Nonnull apus_note_text(void);
size_t apus_note_size(void);

/// Memory that a warm reboot leaves alone, but for bits that flip.
void *_Nonnull apus_retained_memory(void);
size_t apus_retained_size(void);

/// The crash report failed: one line with `pc`, then the end.
_Noreturn void apus_last_words(uint64_t pc);

// MARK: - Stacks

/// Saves the running context in `*from` and continues the one that was saved as `to`.
void apus_switch(void *_Nullable *_Nonnull from, void *_Nonnull to);

/// Where the addresses for stacks begin: a gigabyte that no memory has.
uint64_t apus_stack_arena(void);

/// The stack pointer of a context that begins `apus_task_body(argument)` on the stack that ends at `top` (aligned to
/// 16). Writes below `top`.
void *_Nonnull apus_new_context(void *_Nonnull top, void *_Nonnull argument);

// MARK: - The other cores

/// Bytes of stack a core is given: half for the function, half for its exceptions.
#define APUS_CORE_STACK_SIZE 0x4000

/// Makes core 1, 2 or 3, which is parked, call `function(core)` on the stack that ends at `stack_top`. The caller sends
/// the software-generated interrupt 0 to the core afterwards. When the function returns, the core is parked again. It runs
/// beside the tasks, which have one core: it may use atomics and memory of its own, and nothing else of the runtime.
void apus_give_core_work(uint32_t core, void (*_Nonnull function)(uint64_t core), void *_Nonnull stack_top);

// MARK: - The processor

#if defined(__aarch64__) && !defined(__linux__)
#define APUS_INLINE static inline __attribute__((always_inline))

/// Masks interrupts; returns what `apus_restore_interrupts` wants to undo it.
APUS_INLINE uint64_t apus_mask_interrupts(void) {
    uint64_t daif;
    __asm__ volatile("mrs %0, daif\n\tmsr daifset, #2" : "=r"(daif)::"memory");
    return daif;
}
APUS_INLINE void apus_restore_interrupts(uint64_t daif) { __asm__ volatile("msr daif, %0" ::"r"(daif) : "memory"); }
APUS_INLINE void apus_unmask_interrupts(void) { __asm__ volatile("msr daifclr, #2" ::: "memory"); }

/// Sleeps until an interrupt is pending, masked or not.
APUS_INLINE void apus_wait_for_interrupt(void) { __asm__ volatile("dsb sy\n\twfi" ::: "memory"); }

/// The generic timer's counter, and how often it counts in a second.
APUS_INLINE uint64_t apus_counter(void) {
    uint64_t value;
    __asm__ volatile("isb\n\tmrs %0, cntpct_el0" : "=r"(value)::"memory");
    return value;
}
/// The counter without the barrier that keeps it in program order: for accounting.
APUS_INLINE uint64_t apus_counter_relaxed(void) {
    uint64_t value;
    __asm__ volatile("mrs %0, cntpct_el0" : "=r"(value));
    return value;
}
APUS_INLINE uint64_t apus_counter_frequency(void) {
    uint64_t value;
    __asm__("mrs %0, cntfrq_el0" : "=r"(value));
    return value;
}
/// Lets the timer interrupt when the counter reaches `deadline`.
APUS_INLINE void apus_arm_timer(uint64_t deadline) {
    __asm__ volatile("msr cntp_cval_el0, %0\n\tmsr cntp_ctl_el0, %1\n\tisb" ::"r"(deadline), "r"(1ul) : "memory");
}
APUS_INLINE void apus_disarm_timer(void) { __asm__ volatile("msr cntp_ctl_el0, xzr\n\tisb" ::: "memory"); }

// Cache lines from `line` on, which moves behind them, 32 and then 4 at a time: two instructions a line and little around them.
#define APUS_LINE(op) "dc " op ", %0\n\tadd %0, %0, #64\n\t"
#define APUS_FOUR_LINES(op) APUS_LINE(op) APUS_LINE(op) APUS_LINE(op) APUS_LINE(op)
#define APUS_16_LINES(op) APUS_FOUR_LINES(op) APUS_FOUR_LINES(op) APUS_FOUR_LINES(op) APUS_FOUR_LINES(op)
#define APUS_MAINTAIN(op, start, length) \
    do { \
        uintptr_t line = (uintptr_t)(start) & ~63ul, end = (uintptr_t)(start) + (length); \
        while (line + 2048 <= end) __asm__ volatile(APUS_16_LINES(op) APUS_16_LINES(op) : "+r"(line)::"memory"); \
        while (line + 256 <= end) __asm__ volatile(APUS_FOUR_LINES(op) : "+r"(line)::"memory"); \
        while (line < end) __asm__ volatile(APUS_LINE(op) : "+r"(line)::"memory"); \
    } while (0)

/// Writes `length` bytes from `start` back to memory: devices see them. Ends with a barrier that orders it before later
/// device accesses.
APUS_INLINE void apus_clean_cache(const void *_Nonnull start, size_t length) {
    APUS_MAINTAIN("cvac", start, length);
    __asm__ volatile("dsb sy" ::: "memory");
}
/// Drops the caches' view of `length` bytes from `start`: later loads see memory. The barrier before keeps earlier
/// reads of device registers (which said that data is there) in front; the one after keeps later loads behind.
APUS_INLINE void apus_invalidate_cache(const void *_Nonnull start, size_t length) {
    __asm__ volatile("dsb sy" ::: "memory");
    APUS_MAINTAIN("ivac", start, length);
    __asm__ volatile("dsb sy" ::: "memory");
}
APUS_INLINE void apus_barrier(void) { __asm__ volatile("dsb sy" ::: "memory"); }

APUS_INLINE uint32_t apus_load_register(uintptr_t address) {
    uint32_t value;
    __asm__ volatile("ldr %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
    return value;
}
APUS_INLINE void apus_store_register(uintptr_t address, uint32_t value) {
    __asm__ volatile("str %w0, [%1]" ::"r"(value), "r"(address) : "memory");
}
APUS_INLINE uintptr_t apus_stack_pointer(void) {
    uintptr_t value;
    __asm__ volatile("mov %0, sp" : "=r"(value));
    return value;
}
APUS_INLINE uint64_t apus_midr(void) {
    uint64_t value;
    __asm__("mrs %0, midr_el1" : "=r"(value));
    return value;
}
/// Stops the program as a broken contract does: an exception that becomes a crash report.
_Noreturn APUS_INLINE void apus_trap(void) {
    __asm__ volatile("brk #0xa905");
    __builtin_unreachable();
}
#else
uint64_t apus_mask_interrupts(void);
void apus_restore_interrupts(uint64_t daif);
void apus_unmask_interrupts(void);
void apus_wait_for_interrupt(void);
uint64_t apus_counter(void);
uint64_t apus_counter_relaxed(void);
uint64_t apus_counter_frequency(void);
void apus_arm_timer(uint64_t deadline);
void apus_disarm_timer(void);
void apus_clean_cache(const void *_Nonnull start, size_t length);
void apus_invalidate_cache(const void *_Nonnull start, size_t length);
void apus_barrier(void);
uint32_t apus_load_register(uintptr_t address);
void apus_store_register(uintptr_t address, uint32_t value);
uintptr_t apus_stack_pointer(void);
uint64_t apus_midr(void);
_Noreturn void apus_trap(void);

/// Sets the simulated processor's counter, in counts, and how often it counts in a second: 10^9 times unless this is called.
void apus_host_set_counter(uint64_t value);
void apus_host_set_frequency(uint64_t value);
/// Lets the counter go on by `counts` with every look at it: work that takes time. 0 unless this is called: time passes when everybody waits.
void apus_host_set_step(uint64_t counts);
/// The count that the timer is set to; all ones for none.
uint64_t apus_host_deadline(void);
/// How often the timer has interrupted so far.
uint64_t apus_host_timer_interrupts(void);
/// Calls `idle` when the simulated processor sleeps with no timer armed. Returning means: something came.
void apus_host_set_idle(void (*_Nullable idle)(void));
/// Memory for the heap under test, or 0: the same at every call.
uint64_t apus_host_memory(uint64_t size);
#endif

#endif
