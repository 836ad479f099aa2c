// Tells Swift where the linker put things.
#if defined(__aarch64__) && !defined(__linux__)
#include "Boot.h"
#include "image.h"
#include "registers.h"

struct apus_limits apus_image_limits(void) {
    return (struct apus_limits){
        .text = (uint64_t)__image_start,
        .rodata = (uint64_t)__rodata_start,
        .data = (uint64_t)__data_start,
        .data_limit = (uint64_t)__data_limit,
        .boot_guard = (uint64_t)__pagetables_end,
        .boot_stack = (uint64_t)__boot_stack_bottom,
        .boot_top = (uint64_t)__boot_stack_top,
        .limit = (uint64_t)__image_limit,
    };
}

const uint8_t *apus_note_text(void) { return apus_note; }
size_t apus_note_size(void) { return APUS_NOTE_SIZE; }
void *apus_retained_memory(void) { return __retained_start; }
size_t apus_retained_size(void) { return (size_t)(__retained_end - __retained_start); }
#endif
