// The first lines of exception handling: what is mended silently and what is a crash. Swift takes over in `apus_crash`.
#include "Boot.h"
#include "image.h"

void (*apus_interrupt_handler)(void);
static bool (*fault_handler)(uint64_t address);

void apus_set_interrupt_handler(void (*handler)(void)) { apus_interrupt_handler = handler; }
void apus_set_fault_handler(bool (*handler)(uint64_t address)) { fault_handler = handler; }

#if defined(__aarch64__) && !defined(__linux__)

#define EXCEPTION_CLASS(esr) ((esr) >> 26 & 0x3f)
#define DATA_ABORT_SAME_LEVEL 0x25
#define IS_TRANSLATION_FAULT(esr) (((esr) & 0x3c) == 0x04)

extern char apus_probe_begin[], apus_probe_end[], apus_probe_failed[];

static bool ended_probe(struct apus_frame *frame) {
    if (frame->elr < (uint64_t)apus_probe_begin || frame->elr >= (uint64_t)apus_probe_end) return false;
    frame->elr = (uint64_t)apus_probe_failed;
    return true;
}

void apus_task_exception(struct apus_frame *frame) {
    if (EXCEPTION_CLASS(frame->esr) == DATA_ABORT_SAME_LEVEL) {
        if (ended_probe(frame)) return;
        if (fault_handler && IS_TRANSLATION_FAULT(frame->esr) && fault_handler(frame->far)) return;
    }
    apus_crash(frame, APUS_CRASH_SYNCHRONOUS);
}

void apus_task_serror(struct apus_frame *frame) {
    if (!ended_probe(frame)) apus_crash(frame, APUS_CRASH_SERROR);
}

static void put_text(const char *text) {
    while (*text) apus_put_byte((uint8_t)*text++);
}

// The report itself failed, or what comes after it. One line, once, then the end: `apus_stop_after_crash` counts off each of its steps before it
// takes it, so that one that fails brings us here and is left out.
_Noreturn void apus_last_words(uint64_t pc) {
    static bool spoken;
    if (!spoken) {
        spoken = true;
        put_text("\r\napus: crash in the crash report, pc 0x");
        for (int shift = 60; shift >= 0; shift -= 4) apus_put_byte((uint8_t)"0123456789abcdef"[pc >> shift & 15]);
        put_text("\r\n");
    }
    apus_stop_after_crash();
}

void *apus_new_context(void *top, void *argument) {
    extern void apus_task_entry(void);
    uint64_t *context = (uint64_t *)top - 20;
    for (int index = 0; index < 20; ++index) context[index] = 0;
    context[0] = (uint64_t)argument;         // x19
    context[11] = (uint64_t)apus_task_entry; // x30
    return context;
}

// start.S knows the layout: a cache line a core, so that cleaning one core's entry cannot write another's back.
struct core_work {
    void (*volatile function)(uint64_t core);
    void *volatile stack_top;
} __attribute__((aligned(64)));
_Static_assert(sizeof(struct core_work) == 64, "start.S counts in lines");
extern struct core_work apus_core_work[4];

void apus_give_core_work(uint32_t core, void (*function)(uint64_t core), void *stack_top) {
    // The parked core reads with its caches off, at any time. The stack is in memory before the function is anywhere.
    apus_core_work[core].stack_top = stack_top;
    apus_clean_cache(&apus_core_work[core], sizeof apus_core_work[core]);
    apus_core_work[core].function = function;
    apus_clean_cache(&apus_core_work[core], sizeof apus_core_work[core]);
}

#endif
