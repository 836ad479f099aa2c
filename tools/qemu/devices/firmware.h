/*
 * The firmware behind the mailbox: what QEMU's property channel leaves out
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef APUS_FIRMWARE_H
#define APUS_FIRMWARE_H

#include "exec/memory.h"

/* How a firmware treats a tag. */
typedef enum FirmwareStyle {
    STYLE_MARKED,       /* does what it says and marks it as answered */
    STYLE_UNMARKED,     /* does what it says */
    STYLE_UNKNOWN,      /* the message ends there */
    STYLE_EMPTY,        /* answered with no bytes, and not done */
} FirmwareStyle;

/* How this one treats `tag` with `size` bytes of values. */
FirmwareStyle apus_firmware_style(uint32_t tag, uint32_t size);

/* Puts right what QEMU has answered to `tag`, whose second value was `asked`. */
void apus_firmware_amend(AddressSpace *as, uint32_t tag, hwaddr values,
                         uint32_t asked);

/* Whether the reset under way takes the board's supply, and with it memory. */
bool apus_firmware_loses_memory(void);

/*
 * Answers `tag`, whose `size` bytes of values lie at `values`, and says how
 * many bytes the answer has. False if the tag is not one of ours.
 */
bool apus_firmware_tag(AddressSpace *as, uint32_t tag, hwaddr values,
                       uint32_t size, size_t *length);

#endif
