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
#include "exec/address-spaces.h"
#include "system/device_tree.h"
#include "board.h"
#include "card.h"
#include "devices.h"
#include "genet.h"
#include "property-channel.h"

#include <libfdt.h>

/* Offsets in the window at 0xfc000000. */
#define GENET_OFFSET 0x1580000
#define AVS_OFFSET 0x15d2000
/* In the one at 0xfe000000. */
#define POWER_OFFSET 0x100000
#define RNG200_OFFSET 0x104000
#define GATE_OFFSET 0x2000d0

/* The GIC's distributor, and what its identification register says. */
#define GICD_IIDR_ADDRESS 0xff841008
#define GICD_IIDR 0x0200143b

#define COUNTER_HZ 54000000

/* The interface on the board, and its address as the firmware knows it. */
static DeviceState *genet;

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

/* The on-board network interface takes the first -nic. */
static void prepare_genet(void)
{
    genet = qdev_new(TYPE_GENET);
    qemu_configure_nic_device(genet, true, "genet");
    qemu_macaddr_default_if_unset(&GENET(genet)->conf.macaddr);
}

static void connect_genet(MachineState *machine, BCM2838State *soc)
{
    BCM2838PeripheralState *low = &soc->peripherals;
    BCMSocPeripheralBaseState *base = BCM_SOC_PERIPHERALS_BASE(low);

    object_property_add_child(OBJECT(machine), "genet", OBJECT(genet));
    sysbus_realize_and_unref(SYS_BUS_DEVICE(genet), &error_fatal);
    map(&low->peri_low_mr, GENET_OFFSET, genet);
    memory_region_add_subregion_overlap(
        &base->peri_mr, GATE_OFFSET,
        sysbus_mmio_get_region(SYS_BUS_DEVICE(genet), 1), 10);
    wire(genet, 0, soc, GIC_SPI_INTERRUPT_GENET_A);
    wire(genet, 1, soc, GIC_SPI_INTERRUPT_GENET_B);
    /* The mailbox tells the interface's address. */
    base->property.macaddr = GENET(genet)->conf.macaddr;
}

/* The crystal's frequency, and no extension for cryptography. */
static void prepare_core(ARMCPU *cpu)
{
    ARMISARegisters *isar = &cpu->isar;

    object_property_set_uint(OBJECT(cpu), "cntfrq", COUNTER_HZ, &error_fatal);
    isar->id_aa64isar0 = FIELD_DP64(isar->id_aa64isar0, ID_AA64ISAR0, AES, 0);
    isar->id_aa64isar0 = FIELD_DP64(isar->id_aa64isar0, ID_AA64ISAR0, SHA1, 0);
    isar->id_aa64isar0 = FIELD_DP64(isar->id_aa64isar0, ID_AA64ISAR0, SHA2, 0);
    isar->id_isar5 = FIELD_DP32(isar->id_isar5, ID_ISAR5, AES, 0);
    isar->id_isar5 = FIELD_DP32(isar->id_isar5, ID_ISAR5, SHA1, 0);
    isar->id_isar5 = FIELD_DP32(isar->id_isar5, ID_ISAR5, SHA2, 0);
}

void apus_board_prepare(BCM2838State *soc)
{
    for (int i = 0; i < BCM283X_NCPUS; i++) {
        prepare_core(&soc->parent_obj.cpu[i].core);
    }
    /* Interrupts have a secure and a non-secure side. */
    object_property_set_bool(OBJECT(&soc->gic), "has-security-extensions",
                             true, &error_fatal);
    prepare_genet();
    apus_card_prepare(&soc->peripherals);
}

static uint64_t read_identification(void *opaque, hwaddr offset, unsigned size)
{
    return GICD_IIDR >> (8 * offset);
}

static void write_identification(void *opaque, hwaddr offset, uint64_t value,
                                 unsigned size)
{
}

static const MemoryRegionOps identification_ops = {
    .read = read_identification,
    .write = write_identification,
    .endianness = DEVICE_LITTLE_ENDIAN,
};

/* QEMU's distributor says that it is another one. */
static void identify_gic(MachineState *machine)
{
    MemoryRegion *region = g_new(MemoryRegion, 1);

    memory_region_init_io(region, OBJECT(machine), &identification_ops, NULL,
                          "gicd-iidr", 4);
    memory_region_add_subregion_overlap(get_system_memory(), GICD_IIDR_ADDRESS,
                                        region, 10);
}

/* What the mailbox answers beyond QEMU's; it has no registers of its own. */
static DeviceState *add_firmware(MachineState *machine)
{
    DeviceState *dev = qdev_new(TYPE_FIRMWARE);

    object_property_add_child(OBJECT(machine), "videocore", OBJECT(dev));
    sysbus_realize_and_unref(SYS_BUS_DEVICE(dev), &error_fatal);
    return dev;
}

static void add(MachineState *machine, const char *type,
                const char *name, MemoryRegion *window, hwaddr offset)
{
    DeviceState *dev = qdev_new(type);

    object_property_add_child(OBJECT(machine), name, OBJECT(dev));
    sysbus_realize_and_unref(SYS_BUS_DEVICE(dev), &error_fatal);
    map(window, offset, dev);
}

void apus_board_connect(MachineState *machine, BCM2838State *soc)
{
    BCM2838PeripheralState *low = &soc->peripherals;
    BCMSocPeripheralBaseState *base = BCM_SOC_PERIPHERALS_BASE(low);

    identify_gic(machine);
    connect_genet(machine, soc);
    apus_property_channel_connect(base);
    apus_card_connect(low, add_firmware(machine));
    add(machine, TYPE_AVS_MONITOR, "avs", &low->peri_low_mr, AVS_OFFSET);
    add(machine, TYPE_POWER_MANAGEMENT, "power", &base->peri_mr, POWER_OFFSET);
    add(machine, TYPE_RNG200, "rng", &base->peri_mr, RNG200_OFFSET);
}

void apus_board_describe(void *fdt)
{
    int node = fdt_node_offset_by_compatible(fdt, -1, "brcm,bcm2711-genet-v5");

    if (node >= 0) {
        fdt_setprop(fdt, node, "local-mac-address",
                    GENET(genet)->conf.macaddr.a, sizeof(MACAddr));
    }
}
