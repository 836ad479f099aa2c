/*
 * What raspi4b lacks of the board
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "hw/arm/bcm2838.h"
#include "hw/arm/bcm2838_peripherals.h"
#include "hw/qdev-properties.h"
#include "hw/sysbus.h"
#include "system/device_tree.h"
#include "board.h"
#include "genet.h"

#include <libfdt.h>

/* Offsets in the window at 0xfc000000. */
#define GENET_OFFSET 0x1580000

static MACAddr hardware_address;

void apus_board_prepare(BCM2838State *soc)
{
}

/* Puts a device's registers over what is at `offset` of a window. */
static void map(MemoryRegion *window, hwaddr offset, DeviceState *dev)
{
    MemoryRegion *registers = sysbus_mmio_get_region(SYS_BUS_DEVICE(dev), 0);

    memory_region_add_subregion_overlap(window, offset, registers, 10);
}

static void wire(DeviceState *dev, int n, BCM2838State *soc, int interrupt)
{
    /* The SoC has handed the GIC's inputs to its peripherals. */
    sysbus_connect_irq(SYS_BUS_DEVICE(dev), n,
                       qdev_get_gpio_in(DEVICE(&soc->peripherals), interrupt));
}

/* A new device, known as /machine/NAME, not yet realized. */
static DeviceState *create(MachineState *machine, const char *type,
                           const char *name)
{
    DeviceState *dev = qdev_new(type);

    object_property_add_child(OBJECT(machine), name, OBJECT(dev));
    return dev;
}

/* The on-board network interface takes the first -nic. */
static void connect_genet(MachineState *machine, BCM2838State *soc)
{
    BCM2838PeripheralState *low = &soc->peripherals;
    BCMSocPeripheralBaseState *base = BCM_SOC_PERIPHERALS_BASE(low);
    DeviceState *dev = create(machine, TYPE_GENET, "genet");

    if (!qemu_configure_nic_device(dev, true, "genet")) {
        qdev_prop_set_macaddr(dev, "mac", base->property.macaddr.a);
    }
    sysbus_realize_and_unref(SYS_BUS_DEVICE(dev), &error_fatal);
    map(&low->peri_low_mr, GENET_OFFSET, dev);
    wire(dev, 0, soc, GIC_SPI_INTERRUPT_GENET_A);
    wire(dev, 1, soc, GIC_SPI_INTERRUPT_GENET_B);
    /* The firmware's answer and the interface's address are the same. */
    hardware_address = GENET(dev)->conf.macaddr;
    base->property.macaddr = hardware_address;
}

void apus_board_connect(MachineState *machine, BCM2838State *soc)
{
    connect_genet(machine, soc);
}

void apus_board_describe(void *fdt)
{
    int node = fdt_node_offset_by_compatible(fdt, -1, "brcm,bcm2711-genet-v5");

    if (node >= 0) {
        fdt_setprop(fdt, node, "local-mac-address", hardware_address.a, 6);
    }
}
