// The address space: one translation regime, 4 KiB pages, 39 bits. Physical memory is mapped where it lies; the stacks of
// tasks lie above it (Runtime/Tasks/StackArena.swift). DDI 0487, D8.3 for the descriptors.
#include "Boot.h"
#include "image.h"
#include "registers.h"

#if defined(__aarch64__) && !defined(__linux__)
// This runs with the MMU off, when all memory is Device memory and an unaligned access faults. Everything else runs later.
#pragma clang attribute push(__attribute__((target("strict-align"))), apply_to = function)
#endif

#define ENTRIES 512
#define VALID 1ul
#define TABLE 2ul                  // in levels 1 and 2: a table; in level 3: a page
#define ATTRIBUTE(n) ((uint64_t)(n) << 2)
#define READ_ONLY (2ul << 6)
#define INNER_SHAREABLE (3ul << 8)
#define ACCESSED (1ul << 10)
#define EXECUTE_NEVER (3ul << 53)  // PXN, UXN
#define ADDRESS_BITS 0x0000fffffffff000ul

#define PAGE 0x1000ul
#define BLOCK 0x200000ul
#define GIGABYTE 0x40000000ul

// What the processor has of the first gigabyte however the board is configured, and what is mapped before anyone has asked how much there
// is: `gpu_mem` leaves 80 MiB at least, firmware without its fixup4.dat 128 MiB.
#define FIRST_MEMORY 0x4000000ul
#define DEVICES_START 0xfc000000ul
#define DEVICES_END 0x100000000ul

static uint64_t attributes_of(enum apus_rights rights) {
    switch (rights) {
    case APUS_READ_EXECUTE: return ATTRIBUTE(1) | INNER_SHAREABLE | ACCESSED | READ_ONLY | (1ul << 54);
    case APUS_READ_ONLY: return ATTRIBUTE(1) | INNER_SHAREABLE | ACCESSED | READ_ONLY | EXECUTE_NEVER;
    case APUS_READ_WRITE: return ATTRIBUTE(1) | INNER_SHAREABLE | ACCESSED | EXECUTE_NEVER;
    default: return ATTRIBUTE(0) | ACCESSED | EXECUTE_NEVER;
    }
}

#define PAGE_TABLE __attribute__((section(".pagetables"), aligned(4096)))

static uint64_t device_tree, device_tree_size;

uint64_t apus_device_tree_address(void) { return device_tree; }
uint64_t apus_device_tree_size(void) { return device_tree_size; }

#if defined(__aarch64__) && !defined(__linux__)

PAGE_TABLE uint64_t apus_page_tables[ENTRIES];
PAGE_TABLE static uint64_t first_gigabyte[ENTRIES];
PAGE_TABLE static uint64_t fourth_gigabyte[ENTRIES];
PAGE_TABLE static uint64_t first_block[ENTRIES];
PAGE_TABLE static uint64_t tree_blocks[2][ENTRIES];

static void map_pages(uint64_t *table, uint64_t start, uint64_t end, enum apus_rights rights) {
    for (uint64_t address = start; address < end; address += PAGE)
        table[address / PAGE % ENTRIES] = address | attributes_of(rights) | VALID | TABLE;
}

static void map_image(const char *start, const char *end, enum apus_rights rights) {
    map_pages(first_block, (uint64_t)start, (uint64_t)end, rights);
}

static void map_blocks(uint64_t *table, uint64_t start, uint64_t end, enum apus_rights rights) {
    for (uint64_t address = start; address < end; address += BLOCK)
        table[address / BLOCK % ENTRIES] = address | attributes_of(rights) | VALID;
}

static uint32_t word_of_tree(uint64_t address, unsigned index) {
    return __builtin_bswap32(((volatile uint32_t *)address)[index]);
}

// Takes what the loader's x0 points to for a device tree if it can be one, as a whole, in memory that is nobody else's. QEMU passes the
// address of ATAGs when it has none; page zero stays unmapped, whatever lies there.
static void take_device_tree(uint64_t address) {
    if (address % 4 != 0 || address < PAGE || address >= GIGABYTE || word_of_tree(address, 0) != 0xd00dfeed) return;
    uint64_t size = word_of_tree(address, 1), end = address + size;
    if (size > TREE_LIMIT || end > GIGABYTE) return;
    // Written over by the copying of the image, the clearing of its variables, or by a report that another run has kept.
    if (address < BLOCK && end > (uint64_t)__image_start) return;
    device_tree = address;
    device_tree_size = size;
}

// Where the tree lies in memory that is mapped already it stays as that is. Elsewhere its own pages are mapped and no other: memory
// beside it may be the VideoCore's.
static void map_device_tree(void) {
    uint64_t start = device_tree & ~(PAGE - 1), end = (device_tree + device_tree_size + PAGE - 1) & ~(PAGE - 1);
    if (end <= BLOCK) return map_pages(first_block, start, end, APUS_READ_ONLY);
    if (start < FIRST_MEMORY) start = FIRST_MEMORY;
    for (unsigned index = 0; start < end; ++index) {
        uint64_t next = (start + BLOCK) & ~(BLOCK - 1);
        first_gigabyte[start / BLOCK] = (uint64_t)tree_blocks[index] | VALID | TABLE;
        map_pages(tree_blocks[index], start, next < end ? next : end, APUS_READ_ONLY);
        start = next;
    }
}

// Called once by start.S with the MMU off: aligned accesses only, no other global than these and .bss.
void apus_prepare_memory(uint64_t x0) {
    take_device_tree(x0);
    apus_page_tables[0] = (uint64_t)first_gigabyte | VALID | TABLE;
    apus_page_tables[3] = (uint64_t)fourth_gigabyte | VALID | TABLE;
    first_gigabyte[0] = (uint64_t)first_block | VALID | TABLE;
    map_blocks(first_gigabyte, BLOCK, FIRST_MEMORY, APUS_READ_WRITE);
    map_blocks(fourth_gigabyte, DEVICES_START, DEVICES_END, APUS_DEVICE);
    if (device_tree) map_device_tree();
    // Page zero and everything else that nobody owns stay unmapped, the guards below the stacks among them.
    map_image(__image_start, __rodata_start, APUS_READ_EXECUTE);
    map_image(__rodata_start, __data_start, APUS_READ_ONLY);
    map_image(__data_start, __pagetables_end, APUS_READ_WRITE);
    map_image(__boot_stack_bottom, __boot_stack_top, APUS_READ_WRITE);
    map_image(__exception_stack_bottom, __exception_stack_top, APUS_READ_WRITE);
    map_image(__crash_stack_bottom, __crash_stack_top, APUS_READ_WRITE);
    map_image(__retained_start, __retained_end, APUS_READ_WRITE);
}

static void changed(uint64_t address) {
    // The new descriptor is visible to the walker before the old translation is dropped, and gone before we go on.
    __asm__ volatile("dsb ishst\n\ttlbi vaae1is, %0\n\tdsb ish\n\tisb" ::"r"(address >> 12) : "memory");
}

// The descriptor that decides about `address`, at the level it stands; null when a table on the way is missing.
static uint64_t *descriptor_of(uint64_t address, unsigned *level) {
    uint64_t *table = apus_page_tables;
    if (address >> 39) return 0;
    for (*level = 1;; ++*level) {
        uint64_t *entry = &table[(address >> (39 - 9 * *level)) % ENTRIES];
        if (*level == 3 || (*entry & (VALID | TABLE)) != (VALID | TABLE)) return entry;
        table = (uint64_t *)(*entry & ADDRESS_BITS);
    }
}

bool apus_map(uint64_t virtual_address, uint64_t physical_address, uint64_t size, enum apus_rights rights,
              void *(*page)(void)) {
    uint64_t end = virtual_address + size;
    while (virtual_address < end) {
        unsigned level;
        uint64_t *entry = descriptor_of(virtual_address, &level);
        if (!entry) return false;
        uint64_t left = end - virtual_address, span = level == 1 ? GIGABYTE : level == 2 ? BLOCK : PAGE;
        bool fits = left >= span && (virtual_address | physical_address) % span == 0;
        if (!fits) {
            if (*entry & VALID) return false;  // a larger block stands here: changing it is nobody's wish
            void *table = page();
            if (!table) return false;
            *entry = (uint64_t)table | VALID | TABLE;
            changed(virtual_address);
            continue;
        }
        *entry = physical_address | attributes_of(rights) | VALID | (level == 3 ? TABLE : 0);
        changed(virtual_address);
        virtual_address += span;
        physical_address += span;
    }
    return true;
}

uint64_t apus_unmap_page(uint64_t virtual_address) {
    unsigned level;
    uint64_t *entry = descriptor_of(virtual_address, &level);
    if (!entry || level != 3 || !(*entry & VALID)) return 0;
    uint64_t physical = *entry & ADDRESS_BITS;
    *entry = 0;
    changed(virtual_address);
    return physical;
}

uint64_t apus_stack_arena(void) { return 0x4000000000ul; }

bool apus_is_mapped(uint64_t virtual_address) {
    unsigned level;
    uint64_t *entry = descriptor_of(virtual_address, &level);
    return entry && (*entry & VALID);
}

#endif

#if defined(__aarch64__) && !defined(__linux__)
#pragma clang attribute pop
#endif
