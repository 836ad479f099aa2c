/*
 * BCM2711 power management: a watchdog that counts down
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The counter runs at 65536 Hz while RSTC asks for a full reset. At zero the
 * machine resets, or is switched off if RSTS names partition 63. RSTS keeps the
 * partition over it; the boot loader takes the mark of a trial away. A reset
 * that takes the board's supply leaves nothing but "power-on".
 */

#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qemu/module.h"
#include "qemu/timer.h"
#include "hw/sysbus.h"
#include "migration/vmstate.h"
#include "system/runstate.h"
#include "devices.h"
#include "firmware.h"
#include "power-management.h"

OBJECT_DECLARE_SIMPLE_TYPE(PowerManagement, POWER_MANAGEMENT)

#define RSTC                0x1c
#define   FULL_RESET        (2 << 4)
#define   WRITE_CONFIG      (3 << 4)
#define RSTS                0x20
#define   PARTITION         0x555
#define   TRIAL             (1 << 1)
#define   HAD_WATCHDOG      (1 << 5)
#define   HAD_POWER_ON      (1 << 12)
#define WDOG                0x24
#define   TICKS             0xfffff
#define PASSWORD            0x5a
#define HZ                  65536

struct PowerManagement {
    SysBusDevice parent_obj;

    MemoryRegion iomem;
    QEMUTimer *watchdog;
    uint32_t reg[0x200 / 4];
    int64_t deadline;
    bool is_armed, has_expired, starts_trial;
};

/* There is one. */
static PowerManagement *power;

void apus_power_mark_trial(bool is_trial)
{
    uint32_t *status = &power->reg[RSTS / 4];

    *status = is_trial ? *status | TRIAL : *status & ~TRIAL;
}

bool apus_power_starts_trial(void)
{
    return power && power->starts_trial;
}

static void expired(void *opaque)
{
    PowerManagement *s = opaque;

    s->is_armed = false;
    if ((s->reg[RSTS / 4] & PARTITION) == PARTITION) {
        qemu_system_shutdown_request(SHUTDOWN_CAUSE_GUEST_SHUTDOWN);
    } else {
        s->has_expired = true;
        qemu_system_reset_request(SHUTDOWN_CAUSE_GUEST_RESET);
    }
}

static void start(PowerManagement *s)
{
    s->deadline = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) +
                  (int64_t)(s->reg[WDOG / 4] & TICKS) *
                  NANOSECONDS_PER_SECOND / HZ;
    s->is_armed = true;
    timer_mod(s->watchdog, s->deadline);
}

static uint64_t power_read(void *opaque, hwaddr offset, unsigned size)
{
    PowerManagement *s = opaque;
    int64_t left;

    if (offset == WDOG && s->is_armed) {
        left = s->deadline - qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
        return left > 0 ? left * HZ / NANOSECONDS_PER_SECOND : 0;
    }
    return s->reg[offset / 4];
}

static void power_write(void *opaque, hwaddr offset, uint64_t value,
                        unsigned size)
{
    PowerManagement *s = opaque;

    if (value >> 24 != PASSWORD) {
        qemu_log_mask(LOG_GUEST_ERROR, "power management: 0x%08x at 0x%03x "
                      "without the password\n", (uint32_t)value,
                      (unsigned)offset);
        return;
    }
    s->reg[offset / 4] = value & 0xffffff;
    if (offset == RSTC && (value & WRITE_CONFIG) != FULL_RESET) {
        s->is_armed = false;
        timer_del(s->watchdog);
    } else if ((offset == RSTC && !s->is_armed) ||
               (offset == WDOG && s->is_armed)) {
        start(s);
    }
}

static const MemoryRegionOps power_ops = {
    .read = power_read,
    .write = power_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid.min_access_size = 4,
    .valid.max_access_size = 4,
};

static void power_reset(DeviceState *dev)
{
    PowerManagement *s = POWER_MANAGEMENT(dev);
    uint32_t partition = s->reg[RSTS / 4] & PARTITION;

    bool is_known = s->has_expired && !apus_firmware_loses_memory();

    s->starts_trial = is_known && s->reg[RSTS / 4] & TRIAL;
    memset(s->reg, 0, sizeof(s->reg));
    s->reg[RSTC / 4] = 0x102;
    s->reg[RSTS / 4] = is_known ? HAD_WATCHDOG | partition : HAD_POWER_ON;
    s->has_expired = false;
    s->is_armed = false;
    timer_del(s->watchdog);
}

static void power_init(Object *obj)
{
    PowerManagement *s = POWER_MANAGEMENT(obj);

    memory_region_init_io(&s->iomem, obj, &power_ops, s, TYPE_POWER_MANAGEMENT,
                          sizeof(s->reg));
    sysbus_init_mmio(SYS_BUS_DEVICE(obj), &s->iomem);
}

static void power_realize(DeviceState *dev, Error **errp)
{
    PowerManagement *s = POWER_MANAGEMENT(dev);

    power = s;
    s->watchdog = timer_new_ns(QEMU_CLOCK_VIRTUAL, expired, s);
}

static const VMStateDescription power_vmstate = {
    .name = TYPE_POWER_MANAGEMENT,
    .unmigratable = 1,
};

static void power_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->realize = power_realize;
    dc->vmsd = &power_vmstate;
    device_class_set_legacy_reset(dc, power_reset);
}

static const TypeInfo power_type = {
    .name = TYPE_POWER_MANAGEMENT,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_size = sizeof(PowerManagement),
    .instance_init = power_init,
    .class_init = power_class_init,
};

static void power_register_types(void)
{
    type_register_static(&power_type);
}

type_init(power_register_types)
