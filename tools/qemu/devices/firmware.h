/*
 * The firmware behind the mailbox: what QEMU's property channel leaves out
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef APUS_FIRMWARE_H
#define APUS_FIRMWARE_H

#include "exec/memory.h"

/*
 * Answers `tag`, whose `size` bytes of values lie at `values`, and says how
 * many bytes the answer has. False if the tag is not one of ours.
 */
bool apus_firmware_tag(AddressSpace *as, uint32_t tag, hwaddr values,
                       uint32_t size, size_t *length);

#endif
