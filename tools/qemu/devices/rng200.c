/*
 * RNG200, the BCM2711's random number generator
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A FIFO of 16 words that fills at about 1 Mbit/s, and stays empty until the
 * count of bits has passed the threshold. Health failures do not occur.
 */

#include "qemu/osdep.h"
#include "qemu/guest-random.h"
#include "qemu/log.h"
#include "qemu/module.h"
#include "qemu/timer.h"
#include "hw/sysbus.h"
#include "migration/vmstate.h"
#include "devices.h"

OBJECT_DECLARE_SIMPLE_TYPE(Rng200, RNG200)

#define CTRL                0x00
#define   ENABLE            0x1fff
#define SOFT_RESET          0x04
#define RBG_RESET           0x08
#define TOTAL_BITS          0x0c
#define THRESHOLD           0x10
#define INT_STATUS          0x18
#define   STARTED           (1 << 17)
#define   BITS_COUNTED      (1 << 0)
#define FIFO_DATA           0x20
#define FIFO_COUNT          0x24
#define FIFO_WORDS          16
#define NS_A_BIT            1000

struct Rng200 {
    SysBusDevice parent_obj;

    MemoryRegion iomem;
    uint32_t reg[0x28 / 4];
    int64_t started;        /* when the generator was switched on */
    uint64_t emptied;       /* bits that had been made when a word was taken */
    uint32_t words;
};

static bool is_running(Rng200 *s)
{
    return (s->reg[CTRL / 4] & ENABLE) && !(s->reg[SOFT_RESET / 4] & 1) &&
           !(s->reg[RBG_RESET / 4] & 1);
}

static uint64_t bits(Rng200 *s)
{
    return is_running(s)
         ? (qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) - s->started) / NS_A_BIT : 0;
}

/* Moves what was generated since the last look into the FIFO. */
static void fill(Rng200 *s)
{
    uint64_t total = bits(s), base;

    if (total <= s->reg[THRESHOLD / 4]) {
        return;
    }
    s->reg[INT_STATUS / 4] |= STARTED | BITS_COUNTED;
    base = MAX(s->emptied, s->reg[THRESHOLD / 4]);
    s->words = MIN(FIFO_WORDS, s->words + (total - base) / 32);
    s->emptied = base + (total - base) / 32 * 32;
}

static uint64_t rng200_read(void *opaque, hwaddr offset, unsigned size)
{
    Rng200 *s = opaque;
    uint32_t value = 0;

    switch (offset) {
    case TOTAL_BITS:
        return MIN(bits(s), UINT32_MAX);
    case FIFO_COUNT:
        fill(s);
        return s->words | (s->reg[FIFO_COUNT / 4] & 0xff00);
    case FIFO_DATA:
        fill(s);
        if (!s->words) {
            qemu_log_mask(LOG_GUEST_ERROR, "rng200: the FIFO is empty\n");
            return 0;
        }
        s->words--;
        qemu_guest_getrandom_nofail(&value, sizeof(value));
        return value;
    default:
        return s->reg[offset / 4];
    }
}

static void rng200_write(void *opaque, hwaddr offset, uint64_t value,
                         unsigned size)
{
    Rng200 *s = opaque;
    bool was_running = is_running(s);

    switch (offset) {
    case TOTAL_BITS: case FIFO_DATA:
        qemu_log_mask(LOG_GUEST_ERROR, "rng200: register 0x%02x is read-only\n",
                      (unsigned)offset);
        return;
    case INT_STATUS:
        s->reg[INT_STATUS / 4] &= ~value;
        return;
    }
    s->reg[offset / 4] = value;
    if (!was_running && is_running(s)) {
        s->started = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
        s->emptied = 0;
        s->words = 0;
    } else if (!is_running(s)) {
        s->words = 0;
    }
}

static const MemoryRegionOps rng200_ops = {
    .read = rng200_read,
    .write = rng200_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid.min_access_size = 4,
    .valid.max_access_size = 4,
};

static void rng200_reset(DeviceState *dev)
{
    Rng200 *s = RNG200(dev);

    memset(s->reg, 0, sizeof(s->reg));
    s->words = 0;
    s->emptied = 0;
}

static void rng200_init(Object *obj)
{
    Rng200 *s = RNG200(obj);

    memory_region_init_io(&s->iomem, obj, &rng200_ops, s, TYPE_RNG200,
                          sizeof(s->reg));
    sysbus_init_mmio(SYS_BUS_DEVICE(obj), &s->iomem);
}

static const VMStateDescription rng200_vmstate = {
    .name = TYPE_RNG200,
    .unmigratable = 1,
};

static void rng200_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->vmsd = &rng200_vmstate;
    device_class_set_legacy_reset(dc, rng200_reset);
}

static const TypeInfo rng200_type = {
    .name = TYPE_RNG200,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_size = sizeof(Rng200),
    .instance_init = rng200_init,
    .class_init = rng200_class_init,
};

static void rng200_register_types(void)
{
    type_register_static(&rng200_type);
}

type_init(rng200_register_types)
