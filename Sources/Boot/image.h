// What linker/kernel8.ld and start.S define.
#ifndef APUS_IMAGE_H
#define APUS_IMAGE_H
extern char __image_start[], __image_end[], __rodata_start[], __data_start[], __data_limit[], __image_limit[];
extern char __boot_stack_bottom[], __boot_stack_top[], __exception_stack_bottom[], __exception_stack_top[];
extern char __crash_stack_bottom[], __crash_stack_top[], __pagetables_end[];
extern char __retained_start[], __retained_end[];
extern unsigned char apus_note[];
#endif
