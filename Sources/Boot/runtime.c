// What of Swift's runtime has to be here. First two functions that the standard library of Embedded Swift 6.3.1 has wrong. Its own return what they
// were given without the bits that say what kind of string it is; the compiler, which takes the result for the argument
// itself (attribute `returned`), goes on with a string that is none. These are taken instead, because the library's are weak.
#if defined(__aarch64__) && !defined(__linux__) && !defined(__APPLE__)
#include <stdint.h>

extern void *swift_retain_n(void *object, uint32_t count);

// What of a reference in a string is the address, and the mark of what is never freed.
static const uintptr_t address_bits = 0x8ffffffffffffff8;

void *swift_bridgeObjectRetain_n(void *object, uint32_t count) {
    swift_retain_n((void *)((uintptr_t)object & address_bits), count);
    return object;
}

void *swift_bridgeObjectRetain(void *object) { return swift_bridgeObjectRetain_n(object, 1); }

// The storage of every empty array: no metadata, a reference count that says "for ever", no elements, and a capacity of none (its
// lowest bit is a flag). Each object file has a copy of its own beside the metadata of its classes, and the linker would take
// the first one with all that hangs on it: a program without network would hold the network.
uint64_t empty_array_storage[4] __asm__("$es23_swiftEmptyArrayStorageSi_S3itvp")
    __attribute__((section(".data.empty_array"))) = {0, UINT64_MAX, 0, 1};
#endif
