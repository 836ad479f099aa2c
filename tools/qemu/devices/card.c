/*
 * What EMMC2 sees of memory, and what supplies its card
 *
 * The bus of the card's controller differs between steppings of the BCM2711:
 * B0 has the first gigabyte at 0xc0000000 and nothing else, C0 has what 32
 * bits can say where it is. A device tree may say either, so both are there;
 * nothing else is.
 *
 * The firmware's expander switches the card's power and the voltage of its
 * signals.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/units.h"
#include "exec/address-spaces.h"
#include "hw/arm/bcm2838_peripherals.h"
#include "hw/irq.h"
#include "hw/qdev-core.h"
#include "card.h"
#include "signalling.h"

#define B0_ALIAS 0xc0000000

/* Lines of the expander. */
#define SIGNALS_AT_1V8 4
#define SD_PWR_ON 6

void apus_card_prepare(BCM2838PeripheralState *low)
{
    Object *controller = OBJECT(&low->emmc2);
    MemoryRegion *bus = g_new(MemoryRegion, 1);
    MemoryRegion *plain = g_new(MemoryRegion, 1);
    MemoryRegion *alias = g_new(MemoryRegion, 1);

    memory_region_init(bus, controller, "emmc2-bus", 4 * GiB);
    memory_region_init_alias(plain, controller, "emmc2-c0",
                             get_system_memory(), 0, B0_ALIAS);
    memory_region_init_alias(alias, controller, "emmc2-b0",
                             get_system_memory(), 0, 1 * GiB);
    memory_region_add_subregion(bus, 0, plain);
    memory_region_add_subregion(bus, B0_ALIAS, alias);
    object_property_set_link(controller, "dma", OBJECT(bus), &error_fatal);
}

static void switch_supply(void *opaque, int line, int level)
{
    SDBus *bus = opaque;
    Signalling *signalling = sdbus_signalling(bus);

    if (line == SD_PWR_ON) {
        sdbus_set_power(bus, level);
    } else if (signalling) {
        signalling->supplies_1v8 = level;
    }
}

void apus_card_connect(BCM2838PeripheralState *low, DeviceState *firmware)
{
    static const int lines[] = { SIGNALS_AT_1V8, SD_PWR_ON };

    for (int i = 0; i < ARRAY_SIZE(lines); i++) {
        qdev_connect_gpio_out_named(
            firmware, "expander", lines[i],
            qemu_allocate_irq(switch_supply, &low->emmc2.sdbus, lines[i]));
    }
}
