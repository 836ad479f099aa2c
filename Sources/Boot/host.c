// The processor on the host: interrupts that never come, time that passes when everybody waits. For tests.
#if defined(__linux__) || defined(__APPLE__)
#include "Boot.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

extern void (*apus_interrupt_handler)(void);
static uint64_t apus_host_counter;
static uint64_t apus_host_frequency = 1000000000;
static uint64_t apus_host_step;
static uint64_t apus_host_interrupts;
static void (*apus_host_idle)(void);

void apus_host_set_counter(uint64_t value) { apus_host_counter = value; }
void apus_host_set_frequency(uint64_t value) { apus_host_frequency = value; }
void apus_host_set_step(uint64_t counts) { apus_host_step = counts; }
uint64_t apus_host_timer_interrupts(void) { return apus_host_interrupts; }
void apus_host_set_idle(void (*idle)(void)) { apus_host_idle = idle; }
uint32_t apus_nesting;
static uint8_t retained[32768];

static uint64_t deadline = UINT64_MAX;
uint64_t apus_host_deadline(void) { return deadline; }

static bool apus_host_pending;

uint64_t apus_mask_interrupts(void) { return 0; }
void apus_restore_interrupts(uint64_t daif) {
    (void)daif;
    if (!apus_host_pending) return;
    apus_host_pending = false;
    if (apus_interrupt_handler) apus_interrupt_handler();
}
void apus_unmask_interrupts(void) {}
void apus_wait_for_interrupt(void) {
    if (deadline == UINT64_MAX) {
        if (!apus_host_idle) { fputs("every task waits and nothing can wake one\n", stderr); abort(); }
        apus_host_idle();
        return;
    }
    if (apus_host_counter < deadline) apus_host_counter = deadline;
    ++apus_host_interrupts;
    apus_host_pending = true;  // masked: it is taken when they are let through
}
uint64_t apus_counter(void) { return apus_host_counter += apus_host_step; }
uint64_t apus_counter_relaxed(void) { return apus_counter(); }
uint64_t apus_counter_frequency(void) { return apus_host_frequency; }
void apus_arm_timer(uint64_t at) { deadline = at; }
void apus_disarm_timer(void) { deadline = UINT64_MAX; }
void apus_clean_cache(const void *start, size_t length) { (void)start, (void)length; }
void apus_invalidate_cache(const void *start, size_t length) { (void)start, (void)length; }
void apus_barrier(void) {}
uint32_t apus_load_register(uintptr_t address) { return *(volatile uint32_t *)address; }
void apus_store_register(uintptr_t address, uint32_t value) { *(volatile uint32_t *)address = value; }
uintptr_t apus_stack_pointer(void) { return (uintptr_t)__builtin_frame_address(0); }
uint64_t apus_midr(void) { return 0; }
void apus_trap(void) { abort(); }
bool apus_map(uint64_t v, uint64_t p, uint64_t s, enum apus_rights r, void *(*page)(void)) {
    (void)v, (void)p, (void)s, (void)r, (void)page;
    return true;
}
uint64_t apus_unmap_page(uint64_t address) {
    madvise((void *)address, 4096, MADV_DONTNEED);  // the next stack here begins with zeros again
    return 0;
}
bool apus_is_mapped(uint64_t address) { (void)address; return true; }
bool apus_probe_load(uintptr_t address, uint32_t *value) { (void)address, (void)value; return false; }
void apus_give_core_work(uint32_t core, void (*function)(uint64_t), void *stack) { (void)core, (void)function, (void)stack; }

struct apus_limits apus_image_limits(void) { return (struct apus_limits){0}; }
const uint8_t *apus_note_text(void) { return (const uint8_t *)"application: tests\nbuild: 0000000000000000\n"; }
size_t apus_note_size(void) { return 44; }
void *apus_retained_memory(void) { return retained; }
size_t apus_retained_size(void) { return sizeof retained; }
void apus_last_words(uint64_t pc) { fprintf(stderr, "crash in the crash report, pc %#lx\n", (unsigned long)pc); abort(); }

// An application built for the host links, so that it is compiled and checked there; it does not run.
__attribute__((weak)) int apus_application(int count, void *arguments) { (void)count, (void)arguments; abort(); }
__attribute__((weak)) void apus_put_byte(uint8_t byte) { fputc(byte, stderr); }
__attribute__((weak)) void apus_stop_after_crash(void) { abort(); }

// A gigabyte of addresses for stacks, and memory for the heap at an address that its tables reach.
uint64_t apus_stack_arena(void) {
    static void *arena;
    if (!arena) arena = mmap(0, 1ul << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return (uint64_t)arena;
}
uint64_t apus_host_memory(uint64_t size) {
    static void *memory;
    if (!memory) memory = mmap((void *)0x20000000, size, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    return memory == MAP_FAILED ? 0 : (uint64_t)memory;
}

void *apus_new_context(void *top, void *argument) {
    extern void apus_task_entry(void);
    // Six saved registers and the return address; the entry is reached with the stack aligned as after a call.
    uint64_t *context = (uint64_t *)top - 8;
    for (int index = 0; index < 8; ++index) context[index] = 0;
    context[5] = (uint64_t)argument;        // rbx
    context[6] = (uint64_t)apus_task_entry; // the return address
    return context;
}
#endif
