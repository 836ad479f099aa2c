/*
 * The BCM2711's AVS monitor, as far as it tells the temperature
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qemu/module.h"
#include "hw/qdev-properties.h"
#include "hw/sysbus.h"
#include "migration/vmstate.h"
#include "devices.h"

OBJECT_DECLARE_SIMPLE_TYPE(AvsMonitor, AVS_MONITOR)

#define TEMPERATURE 0x200
#define   VALID     ((1 << 16) | (1 << 10))
#define OFFSET      410040      /* millidegrees at code 0 */
#define SLOPE       487         /* millidegrees a code, downwards */

struct AvsMonitor {
    SysBusDevice parent_obj;

    MemoryRegion iomem;
    uint32_t temperature;       /* millidegrees */
};

static uint64_t avs_read(void *opaque, hwaddr offset, unsigned size)
{
    AvsMonitor *s = opaque;

    if (offset != TEMPERATURE) {
        qemu_log_mask(LOG_UNIMP, "avs: read at 0x%03x\n", (unsigned)offset);
        return 0;
    }
    return VALID | (((OFFSET - MIN(s->temperature, OFFSET)) / SLOPE) & 0x3ff);
}

static void avs_write(void *opaque, hwaddr offset, uint64_t value,
                      unsigned size)
{
    qemu_log_mask(LOG_UNIMP, "avs: write at 0x%03x\n", (unsigned)offset);
}

static const MemoryRegionOps avs_ops = {
    .read = avs_read,
    .write = avs_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid.min_access_size = 4,
    .valid.max_access_size = 4,
};

static void avs_init(Object *obj)
{
    AvsMonitor *s = AVS_MONITOR(obj);

    s->temperature = 45000;
    memory_region_init_io(&s->iomem, obj, &avs_ops, s, TYPE_AVS_MONITOR, 0xf00);
    sysbus_init_mmio(SYS_BUS_DEVICE(obj), &s->iomem);
    /* Settable while the machine runs. */
    object_property_add_uint32_ptr(obj, "temperature", &s->temperature,
                                   OBJ_PROP_FLAG_READWRITE);
}

static const VMStateDescription avs_vmstate = {
    .name = TYPE_AVS_MONITOR,
    .unmigratable = 1,
};

static void avs_class_init(ObjectClass *klass, void *data)
{
    DEVICE_CLASS(klass)->vmsd = &avs_vmstate;
}

static const TypeInfo avs_type = {
    .name = TYPE_AVS_MONITOR,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_size = sizeof(AvsMonitor),
    .instance_init = avs_init,
    .class_init = avs_class_init,
};

static void avs_register_types(void)
{
    type_register_static(&avs_type);
}

type_init(avs_register_types)
