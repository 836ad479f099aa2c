/*
 * What EMMC2 sees of memory
 *
 * The bus of the card's controller differs between steppings of the BCM2711:
 * B0 has the first gigabyte at 0xc0000000 and nothing else, C0 has what 32
 * bits can say where it is. A device tree may say either, so both are there;
 * nothing else is.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/units.h"
#include "exec/address-spaces.h"
#include "hw/arm/bcm2838_peripherals.h"
#include "card.h"

#define B0_ALIAS 0xc0000000

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
