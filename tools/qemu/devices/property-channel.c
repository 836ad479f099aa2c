/*
 * What stands in front of QEMU's property channel
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * QEMU answers every tag, and marks as answered what it does not know. The
 * board's firmware goes by a table: some tags it carries out and leaves
 * unmarked, and a message ends at the first one that it does not know. So a
 * message is looked through before QEMU gets it, and mended afterwards.
 */

#include "qemu/osdep.h"
#include "exec/address-spaces.h"
#include "exec/memory.h"
#include "hw/misc/bcm2835_mbox_defs.h"
#include "hw/misc/bcm2835_property.h"
#include "system/dma.h"
#include "firmware.h"
#include "property-channel.h"

/* Offsets in a message and in a tag. */
#define CODE                4
#define FIRST_TAG           8
#define TAG_SIZE            4
#define TAG_MARK            8
#define TAG_VALUES          12

#define CODE_STOPPED        0x80000001
#define NOBODYS_TAG         0x7fffffff
#define MOST_TAGS           64

typedef struct Tag {
    hwaddr at;
    uint32_t number, mark, second;
    FirmwareStyle style;
} Tag;

static MemoryRegion front;
static BCM2835PropertyState *channel;

static uint32_t load(hwaddr at)
{
    return ldl_le_phys(&channel->dma_as, at);
}

static void store(hwaddr at, uint32_t value)
{
    stl_le_phys(&channel->dma_as, at, value);
}

/* Looks through a message; returns where it ends early, or 0. */
static hwaddr look_through(hwaddr message, Tag *tags, unsigned *count)
{
    hwaddr end = message + load(message), at = message + FIRST_TAG;

    for (*count = 0; at + TAG_VALUES <= end && *count < MOST_TAGS; ++*count) {
        Tag *tag = &tags[*count];
        uint32_t size = load(at + TAG_SIZE);

        tag->at = at;
        tag->number = load(at);
        if (!tag->number) {
            return 0;
        }
        tag->mark = load(at + TAG_MARK);
        tag->second = size >= 8 ? load(at + TAG_VALUES + 4) : 0;
        tag->style = apus_firmware_style(tag->number, size);
        if (tag->style == STYLE_UNKNOWN) {
            return at;
        }
        if (size > end - at) {
            return 0;
        }
        at += TAG_VALUES + size;
    }
    return 0;
}

static void answer(hwaddr message, uint64_t word)
{
    Tag tags[MOST_TAGS];
    unsigned count;
    hwaddr stop = look_through(message, tags, &count);

    for (unsigned i = 0; i < count; i++) {
        if (tags[i].style == STYLE_EMPTY) {
            store(tags[i].at, NOBODYS_TAG);
        }
    }
    if (stop) {
        store(stop, 0);
    }
    memory_region_dispatch_write(&channel->iomem, MBOX_AS_DATA, word, MO_32,
                                 MEMTXATTRS_UNSPECIFIED);
    for (unsigned i = 0; i < count; i++) {
        if (tags[i].style == STYLE_EMPTY) {
            store(tags[i].at, tags[i].number);
            continue;
        }
        apus_firmware_amend(&channel->dma_as, tags[i].number,
                            tags[i].at + TAG_VALUES, tags[i].second);
        if (tags[i].style == STYLE_UNMARKED) {
            store(tags[i].at + TAG_MARK, tags[i].mark);
        }
    }
    if (stop) {
        store(stop, tags[count].number);
        store(message + CODE, CODE_STOPPED);
    }
}

static uint64_t front_read(void *opaque, hwaddr offset, unsigned size)
{
    uint64_t value = 0;

    memory_region_dispatch_read(&channel->iomem, offset, &value, MO_32,
                                MEMTXATTRS_UNSPECIFIED);
    return value;
}

static void front_write(void *opaque, hwaddr offset, uint64_t value,
                        unsigned size)
{
    if (offset == MBOX_AS_DATA) {
        answer(value & ~0xfull, value);
    }
}

static const MemoryRegionOps front_ops = {
    .read = front_read,
    .write = front_write,
    .endianness = DEVICE_NATIVE_ENDIAN,
    .valid.min_access_size = 4,
    .valid.max_access_size = 4,
};

void apus_property_channel_connect(BCMSocPeripheralBaseState *base)
{
    channel = &base->property;
    memory_region_init_io(&front, OBJECT(channel), &front_ops, NULL,
                          "apus-property-channel", 1 << MBOX_AS_CHAN_SHIFT);
    /* The mailbox reads the answer while the request is being written. */
    front.disable_reentrancy_guard = true;
    memory_region_add_subregion_overlap(
        &base->mbox_mr, MBOX_CHAN_PROPERTY << MBOX_AS_CHAN_SHIFT, &front, 10);
}
