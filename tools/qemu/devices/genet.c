/*
 * GENET v5, the gigabit Ethernet controller of the BCM2711
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Registers, interrupts, MDIO. A window of storage in which some registers
 * mean something; descriptors lie in it too. Two INTRL2 blocks latch events
 * whether masked or not. Frames: genet-receive.c and genet-transmit.c.
 *
 * Flow control and what firmware leaves: genet-flow.c.
 *
 * Not modelled: EEE, wake-on-LAN, the MoCA and internal PHY parts, time on the
 * wire at 1000 Mbit/s.
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/log.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "hw/irq.h"
#include "hw/qdev-properties.h"
#include "migration/vmstate.h"
#include "genet.h"

#define MDIO_BUSY_READS 2
#define STOPPING_READS 2

/* MARK: Interrupts */

static void update_interrupts(GenetState *s)
{
    for (int i = 0; i < 2; i++) {
        unsigned block = i ? INTRL2_1 : INTRL2_0;

        qemu_set_irq(s->irq[i], (*genet_reg(s, block + INTRL2_STAT) &
                                 ~*genet_reg(s, block + INTRL2_MASK_STATUS))
                                != 0);
    }
}

void genet_raise(GenetState *s, unsigned block, uint32_t bits)
{
    *genet_reg(s, (block ? INTRL2_1 : INTRL2_0) + INTRL2_STAT) |= bits;
    update_interrupts(s);
}

static void write_interrupts(GenetState *s, unsigned block, unsigned offset,
                             uint32_t value)
{
    uint32_t *status = genet_reg(s, block + INTRL2_STAT);
    uint32_t *mask = genet_reg(s, block + INTRL2_MASK_STATUS);

    switch (offset) {
    case INTRL2_SET:
        *status |= value;
        break;
    case INTRL2_CLEAR:
        *status &= ~value;
        break;
    case INTRL2_MASK_SET:
        *mask |= value;
        break;
    case INTRL2_MASK_CLEAR:
        *mask &= ~value;
        break;
    default:
        qemu_log_mask(LOG_GUEST_ERROR, "genet: interrupt register 0x%04x is "
                      "read-only\n", block + offset);
        return;
    }
    update_interrupts(s);
}

/* MARK: The link */

static void link_changed(void *opaque)
{
    GenetState *s = opaque;

    s->speed_complained = false;
    genet_raise(s, 0, s->phy.link ? IRQ0_LINK_UP : IRQ0_LINK_DOWN);
}

/* Plugged into something that is switched on. */
static bool has_cable(NetClientState *nc)
{
    return nc->peer && !nc->link_down;
}

static void backend_link_changed(NetClientState *nc)
{
    GenetState *s = qemu_get_nic_opaque(nc);

    bcm54213pe_set_cable(&s->phy, has_cable(nc));
}

bool genet_carrier(GenetState *s)
{
    static const uint16_t speeds[] = { 10, 100, 1000, 2500 };
    uint32_t oob = *genet_reg(s, EXT_RGMII_OOB_CTRL);
    unsigned mac = speeds[CMD_SPEED(*genet_reg(s, UMAC_CMD))];
    unsigned wire = bcm54213pe_speed(&s->phy);

    if (!wire || !(s->gate & 1) ||
        (*genet_reg(s, SYS_PORT_CTRL) & 7) != PORT_EXTERNAL_GPHY ||
        (oob & (RGMII_LINK | RGMII_MODE_EN | OOB_DISABLE)) !=
        (RGMII_LINK | RGMII_MODE_EN)) {
        return false;
    }
    if (mac != wire && !s->speed_complained) {
        s->speed_complained = true;
        qemu_log_mask(LOG_GUEST_ERROR, "genet: MAC at %u Mbit/s, PHY at %u: "
                      "nothing passes\n", mac, wire);
    }
    return mac == wire;
}

/* MARK: MDIO */

static void start_mdio(GenetState *s, uint32_t value)
{
    unsigned reg = MDIO_REGISTER(value);
    bool is_here = MDIO_ADDRESS(value) == s->phy.address;
    uint32_t result = value & ~(MDIO_READ_FAIL | 0xffff);

    switch (MDIO_OPERATION(value)) {
    case MDIO_READ:
        result |= is_here ? bcm54213pe_read(&s->phy, reg)
                          : MDIO_READ_FAIL | 0xffff;
        break;
    case MDIO_WRITE:
        if (is_here) {
            bcm54213pe_write(&s->phy, reg, value);
        }
        result |= value & 0xffff;
        break;
    default:
        qemu_log_mask(LOG_GUEST_ERROR, "genet: MDIO command 0x%08x\n", value);
        break;
    }
    *genet_reg(s, UMAC_MDIO_CMD) = result;
    s->mdio_busy = MDIO_BUSY_READS;
}

static uint32_t read_mdio(GenetState *s)
{
    uint32_t *command = genet_reg(s, UMAC_MDIO_CMD);

    if (s->mdio_busy) {
        s->mdio_busy--;
    } else if (*command & MDIO_START_BUSY) {
        *command &= ~MDIO_START_BUSY;
        genet_raise(s, 0, *command & MDIO_READ_FAIL ? IRQ0_MDIO_ERROR
                                                    : IRQ0_MDIO_DONE);
    }
    return *command;
}

static void write_mdio(GenetState *s, uint32_t value)
{
    if (*genet_reg(s, UMAC_MDIO_CMD) & MDIO_START_BUSY) {
        qemu_log_mask(LOG_GUEST_ERROR, "genet: MDIO command 0x%08x while "
                      "another is under way\n", value);
        return;
    }
    *genet_reg(s, UMAC_MDIO_CMD) = value;
    if (value & MDIO_START_BUSY) {
        start_mdio(s, value);
    }
}

/* MARK: Statistics */

void genet_count_frame(GenetState *s, unsigned bins, uint32_t length)
{
    static const uint16_t limits[] = {
        64, 127, 255, 511, 1023, 1518, 1522, 2047, 4095,
    };
    unsigned bin = 0;

    while (bin < ARRAY_SIZE(limits) && length > limits[bin]) {
        bin++;
    }
    (*genet_reg(s, bins + 4 * bin))++;
}

static void reset_statistics(GenetState *s, uint32_t which)
{
    if (which & MIB_RESET_RX) {
        memset(genet_reg(s, MIB_RX_BINS), 0, MIB_TX_BINS - MIB_RX_BINS);
    }
    if (which & MIB_RESET_TX) {
        memset(genet_reg(s, MIB_TX_BINS), 0, MIB_RUNTS - MIB_TX_BINS);
    }
    if (which & MIB_RESET_RUNT) {
        memset(genet_reg(s, MIB_RUNTS), 0, MIB_LAST + 4 - MIB_RUNTS);
    }
}

/* MARK: Rings */

uint64_t genet_descriptor_address(GenetState *s, unsigned dma, uint32_t index)
{
    const uint32_t *descriptor = genet_reg(s, dma + 12 * index);

    return descriptor[1] | (uint64_t)(descriptor[2] & 0xff) << 32;
}

bool genet_ring_range(GenetState *s, unsigned dma, unsigned ring,
                      uint32_t *first, uint32_t *count)
{
    uint32_t start = *genet_ring_reg(s, dma, ring, RING_START);
    uint32_t end = *genet_ring_reg(s, dma, ring, RING_END);
    uint32_t size = *genet_ring_reg(s, dma, ring, RING_BUF_SIZE) >> 16;

    if (start % 3 || end % 3 != 2 || start > end ||
        end >= 3 * GENET_DESCRIPTORS) {
        qemu_log_mask(LOG_GUEST_ERROR, "genet: %s ring %u from word %u to %u\n",
                      dma == RDMA ? "receive" : "transmit", ring, start, end);
        return false;
    }
    *first = start / 3;
    *count = (end + 1 - start) / 3;
    if (size != *count) {
        qemu_log_mask(LOG_GUEST_ERROR, "genet: %s ring %u of %u descriptors "
                      "says it has %u\n", dma == RDMA ? "receive" : "transmit",
                      ring, *count, size);
    }
    return true;
}

void genet_ring_advance(GenetState *s, unsigned dma, GenetRing *ring,
                        uint32_t first, uint32_t count)
{
    uint32_t *index = genet_ring_reg(s, dma, ring->number, RING_HARD_INDEX);

    ring->position = (ring->position + 1) % count;
    *index = (*index & 0xffff0000) | ((*index + 1) & 0xffff);
    *genet_ring_reg(s, dma, ring->number, RING_HARD_POINTER) =
        3 * (first + ring->position);
}

/*
 * A ring begins to run where its hardware index says, whatever the pointer
 * register holds: the drivers that cannot set the index to zero rely on it.
 */
static void start_ring(GenetState *s, unsigned dma, GenetRing *ring)
{
    uint32_t first, count, *pointer;

    if (!genet_ring_range(s, dma, ring->number, &first, &count)) {
        return;
    }
    ring->position = (*genet_ring_reg(s, dma, ring->number, RING_HARD_INDEX) &
                      0xffff) % count;
    ring->uncounted = 0;
    pointer = genet_ring_reg(s, dma, ring->number, RING_HARD_POINTER);
    if (*pointer != 3 * (first + ring->position)) {
        qemu_log_mask(LOG_GUEST_ERROR, "genet: ring %u starts with its pointer "
                      "at word %u and its index at descriptor %u\n",
                      ring->number, *pointer, first + ring->position);
        *pointer = 3 * (first + ring->position);
    }
}

static void write_dma_control(GenetState *s, unsigned dma, uint32_t value)
{
    uint32_t *control = genet_dma_reg(s, dma, DMA_CTRL);
    bool was_running[GENET_RINGS];

    for (unsigned i = 0; i < GENET_RINGS; i++) {
        was_running[i] = genet_ring_runs(s, dma, i);
    }
    if ((*control & DMA_EN) && !(value & DMA_EN)) {
        *(dma == RDMA ? &s->rdma_stopping : &s->tdma_stopping) = STOPPING_READS;
    }
    *control = value;
    for (unsigned i = 0; i < GENET_RINGS; i++) {
        if (!was_running[i] && genet_ring_runs(s, dma, i)) {
            start_ring(s, dma, dma == RDMA ? &s->rx[i] : &s->tx[i]);
        }
    }
    if (dma == RDMA) {
        genet_receive_waiting(s);
        genet_flow_update(s);
    } else {
        genet_transmit_schedule(s);
    }
}

static uint32_t read_dma_status(GenetState *s, unsigned dma)
{
    unsigned *stopping = dma == RDMA ? &s->rdma_stopping : &s->tdma_stopping;
    uint32_t control = *genet_dma_reg(s, dma, DMA_CTRL);

    /* Bit n + 1: ring n is off. */
    if (control & DMA_EN) {
        return ~control & DMA_RINGS_MASK;
    }
    /* A transmitter that its partner holds does not come to an end. */
    if (*stopping || (dma == TDMA && genet_pause_left(s) &&
                      (*genet_reg(s, UMAC_CMD) & CMD_TX_EN))) {
        *stopping -= *stopping != 0;
        return DMA_RINGS_MASK;
    }
    return DMA_RINGS_MASK | DMA_DISABLED;
}

/* The counter that the hardware owns can be set while the ring rests. */
static void write_hard_index(GenetState *s, unsigned dma, unsigned ring,
                             uint32_t value)
{
    uint32_t *index = genet_ring_reg(s, dma, ring, RING_HARD_INDEX);

    if (genet_ring_runs(s, dma, ring) || s->sticky_indexes) {
        /* The discard count in the upper half can be cleared at any time. */
        *index = (value & 0xffff0000) | (*index & 0xffff);
    } else {
        *index = dma == RDMA ? value : value & 0xffff;
    }
}

static void write_ring(GenetState *s, unsigned dma, unsigned ring,
                       unsigned offset, uint32_t value)
{
    switch (offset) {
    case RING_HARD_INDEX:
        write_hard_index(s, dma, ring, value);
        return;
    case RING_SOFT_INDEX:
        *genet_ring_reg(s, dma, ring, offset) = value & 0xffff;
        if (dma == TDMA) {
            genet_transmit_schedule(s);
        } else {
            genet_flow_update(s);
        }
        return;
    case RING_HARD_POINTER:
        if (genet_ring_runs(s, dma, ring)) {
            qemu_log_mask(LOG_GUEST_ERROR, "genet: pointer of running ring %u "
                          "written\n", ring);
            return;
        }
        break;
    }
    *genet_ring_reg(s, dma, ring, offset) = value;
}

/* MARK: Registers */

static void reset_umac(GenetState *s)
{
    *genet_reg(s, UMAC_CMD) = 0;
    *genet_reg(s, UMAC_MAC0) = 0;
    *genet_reg(s, UMAC_MAC1) = 0;
    *genet_reg(s, UMAC_MAX_FRAME_LEN) = 1518;
    *genet_reg(s, UMAC_MDF_CTRL) = 0;
    reset_statistics(s, MIB_RESET_RX | MIB_RESET_RUNT | MIB_RESET_TX);
}

static bool is_known(hwaddr offset)
{
    return offset < 0x40 || (offset >= 0x40 && offset < 0xa0) ||
           (offset >= INTRL2_0 && offset < 0x280) ||
           (offset >= RBUF_CTRL && offset < 0x400) ||
           (offset >= TBUF_CTRL && offset < 0x640) ||
           (offset >= 0x800 && offset < 0xf00) ||
           (offset >= RDMA && offset < 0x30e0) ||
           (offset >= TDMA && offset < 0x50e0) ||
           (offset >= HFB_PATTERNS && offset < 0xe000) ||
           (offset >= HFB_CTRL && offset < 0xfc50);
}

static uint64_t genet_read(void *opaque, hwaddr offset, unsigned size)
{
    GenetState *s = opaque;

    s->register_reads++;
    switch (offset) {
    case INTRL2_0 + INTRL2_SET: case INTRL2_0 + INTRL2_CLEAR:
    case INTRL2_1 + INTRL2_SET: case INTRL2_1 + INTRL2_CLEAR:
        return 0;
    case UMAC_MODE:
        return genet_carrier(s) ? MODE_LINK_STATUS : 0;
    case UMAC_MDIO_CMD:
        return read_mdio(s);
    case RDMA + DMA_COMMON + DMA_STATUS:
        return read_dma_status(s, RDMA);
    case TDMA + DMA_COMMON + DMA_STATUS:
        return read_dma_status(s, TDMA);
    }
    if (!is_known(offset)) {
        qemu_log_mask(LOG_UNIMP, "genet: read at 0x%04x\n", (unsigned)offset);
    }
    return *genet_reg(s, offset);
}

static void write_command(GenetState *s, uint32_t value)
{
    *genet_reg(s, UMAC_CMD) = value;
    s->speed_complained = false;
    if ((value & CMD_TX_EN) && !(value & CMD_SW_RESET)) {
        genet_transmit_schedule(s);
    }
    genet_flow_update(s);
}

static void write_flush(GenetState *s, uint32_t value)
{
    *genet_reg(s, SYS_RBUF_FLUSH_CTRL) = value;
    if (value & RBUF_FLUSH) {
        s->fifo_length = 0;
    }
    if (value & UMAC_RESET) {
        reset_umac(s);
    }
}

/* A register of a DMA engine. False if it is plain storage. */
static bool write_dma(GenetState *s, unsigned offset, uint32_t value)
{
    unsigned dma = offset < TDMA ? RDMA : TDMA;

    if (offset == dma + DMA_COMMON + DMA_CTRL) {
        write_dma_control(s, dma, value);
        return true;
    }
    if (offset == dma + DMA_COMMON + DMA_STATUS) {
        return true;
    }
    if (offset >= dma + DMA_RINGS && offset < dma + DMA_COMMON) {
        offset -= dma + DMA_RINGS;
        write_ring(s, dma, offset / 0x40, offset % 0x40, value);
        return true;
    }
    return false;
}

static void genet_write(void *opaque, hwaddr offset, uint64_t value,
                        unsigned size)
{
    GenetState *s = opaque;

    s->register_writes++;
    if (offset >= INTRL2_0 && offset < INTRL2_1 + 0x18 &&
        (offset & 0x3f) < 0x18) {
        write_interrupts(s, offset & ~0x3f, offset & 0x3f, value);
        return;
    }
    if (offset >= RDMA && offset < HFB_PATTERNS && is_known(offset) &&
        write_dma(s, offset, value)) {
        return;
    }
    genet_check_reserved(s, offset, value);
    switch (offset) {
    case SYS_REV_CTRL: case UMAC_MODE: case UMAC_MDF_ERR_CNT:
    case MIB_FIRST ... MIB_LAST:
        qemu_log_mask(LOG_GUEST_ERROR, "genet: register 0x%04x is read-only\n",
                      (unsigned)offset);
        return;
    case SYS_RBUF_FLUSH_CTRL:
        write_flush(s, value);
        return;
    case UMAC_CMD:
        write_command(s, value);
        return;
    case UMAC_MIB_CTRL:
        reset_statistics(s, value);
        break;
    case UMAC_MDIO_CMD:
        write_mdio(s, value);
        return;
    case UMAC_TX_FLUSH:
        s->paused_until = value & 1 ? 0 : s->paused_until;
        break;
    }
    if (!is_known(offset)) {
        qemu_log_mask(LOG_UNIMP, "genet: write of 0x%08x at 0x%04x\n",
                      (uint32_t)value, (unsigned)offset);
        return;
    }
    *genet_reg(s, offset) = value;
}

static const MemoryRegionOps genet_ops = {
    .read = genet_read,
    .write = genet_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid.min_access_size = 4,
    .valid.max_access_size = 4,
    .impl.min_access_size = 4,
    .impl.max_access_size = 4,
};

/* MARK: The device */

static NetClientInfo genet_client = {
    .type = NET_CLIENT_DRIVER_NIC,
    .size = sizeof(NICState),
    .can_receive = genet_can_receive,
    .receive = genet_receive,
    .link_status_changed = backend_link_changed,
};

static void genet_reset(DeviceState *dev)
{
    GenetState *s = GENET(dev);

    memset(s->reg, 0, sizeof(s->reg));
    *genet_reg(s, SYS_REV_CTRL) = GENET_V5;
    *genet_reg(s, INTRL2_0 + INTRL2_MASK_STATUS) = UINT32_MAX;
    *genet_reg(s, INTRL2_1 + INTRL2_MASK_STATUS) = UINT32_MAX;
    genet_reset_values(s);
    reset_umac(s);
    s->gate = s->initial_gate;
    s->pausing = false;
    s->paused_until = s->wire_free = 0;
    timer_del(s->pause_timer);
    s->fifo_length = 0;
    s->mdio_busy = 0;
    s->next_ring = 0;
    s->rdma_stopping = 0;
    s->tdma_stopping = 0;
    s->speed_complained = false;
    qemu_bh_cancel(s->transmit);
    timer_del(s->transmit_timer);
    for (unsigned i = 0; i < GENET_RINGS; i++) {
        s->rx[i].position = s->rx[i].uncounted = 0;
        s->tx[i].position = s->tx[i].uncounted = 0;
        timer_del(s->rx[i].timeout);
    }
    s->phy.cable = has_cable(qemu_get_queue(s->nic));
    bcm54213pe_reset(&s->phy);
    if (s->netboot_buffers) {
        genet_leave_netboot(s);
    }
    update_interrupts(s);
}

static void genet_realize(DeviceState *dev, Error **errp)
{
    GenetState *s = GENET(dev);

    bcm54213pe_init(&s->phy, link_changed, s);
    qemu_macaddr_default_if_unset(&s->conf.macaddr);
    s->nic = qemu_new_nic(&genet_client, &s->conf,
                          object_get_typename(OBJECT(dev)), dev->id,
                          &dev->mem_reentrancy_guard, s);
    qemu_format_nic_info_str(qemu_get_queue(s->nic), s->conf.macaddr.a);
    s->transmit = qemu_bh_new_guarded(genet_transmit, s,
                                      &dev->mem_reentrancy_guard);
    s->pause_timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, genet_pause_again, s);
    s->transmit_timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, genet_transmit, s);
    for (unsigned i = 0; i < GENET_RINGS; i++) {
        s->rx[i].s = s->tx[i].s = s;
        s->rx[i].number = s->tx[i].number = i;
        s->rx[i].timeout = timer_new_ns(QEMU_CLOCK_VIRTUAL,
                                        genet_receive_timeout, &s->rx[i]);
    }
}

static void genet_init(Object *obj)
{
    GenetState *s = GENET(obj);
    SysBusDevice *bus = SYS_BUS_DEVICE(obj);

    memory_region_init_io(&s->iomem, obj, &genet_ops, s, TYPE_GENET,
                          GENET_WINDOW);
    sysbus_init_mmio(bus, &s->iomem);
    memory_region_init_io(&s->gate_iomem, obj, &genet_gate_ops, s,
                          "apus-genet-gate", 4);
    sysbus_init_mmio(bus, &s->gate_iomem);
    sysbus_init_irq(bus, &s->irq[0]);
    sysbus_init_irq(bus, &s->irq[1]);
    object_property_add_uint64_ptr(obj, "register-reads", &s->register_reads,
                                   OBJ_PROP_FLAG_READWRITE);
    object_property_add_uint64_ptr(obj, "register-writes", &s->register_writes,
                                   OBJ_PROP_FLAG_READWRITE);
    object_property_add_uint64_ptr(obj, "frames-dropped", &s->frames_dropped,
                                   OBJ_PROP_FLAG_READWRITE);
    object_property_add_uint64_ptr(obj, "overflows", &s->overflows,
                                   OBJ_PROP_FLAG_READWRITE);
    object_property_add_uint64_ptr(obj, "pauses-sent", &s->pauses_sent,
                                   OBJ_PROP_FLAG_READWRITE);
    object_property_add_uint64_ptr(obj, "frames-spoiled", &s->spoiled,
                                   OBJ_PROP_FLAG_READWRITE);
}

static const Property genet_properties[] = {
    DEFINE_NIC_PROPERTIES(GenetState, conf),
    DEFINE_PROP_BOOL("sticky-indexes", GenetState, sticky_indexes, false),
    DEFINE_PROP_UINT32("negotiation-ms", GenetState, phy.negotiation_ms, 100),
    DEFINE_PROP_UINT32("partner-speed", GenetState, phy.partner_speed, 1000),
    DEFINE_PROP_BOOL("partner-half-duplex", GenetState,
                     phy.partner_half_duplex, false),
    DEFINE_PROP_BOOL("partner-silent", GenetState, phy.partner_silent, false),
    DEFINE_PROP_BOOL("two-pairs", GenetState, phy.two_pairs, false),
    DEFINE_PROP_UINT8("phy-address", GenetState, phy.address, 1),
    DEFINE_PROP_UINT32("gate", GenetState, initial_gate, 1),
    DEFINE_PROP_UINT64("netboot-buffers", GenetState, netboot_buffers, 0),
};

static const VMStateDescription genet_vmstate = {
    .name = TYPE_GENET,
    .unmigratable = 1,
};

static void genet_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->realize = genet_realize;
    dc->vmsd = &genet_vmstate;
    dc->desc = "BCM2711 GENET v5 gigabit Ethernet controller";
    device_class_set_props(dc, genet_properties);
    device_class_set_legacy_reset(dc, genet_reset);
    set_bit(DEVICE_CATEGORY_NETWORK, dc->categories);
}

static const TypeInfo genet_type = {
    .name = TYPE_GENET,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_size = sizeof(GenetState),
    .instance_init = genet_init,
    .class_init = genet_class_init,
};

static void genet_register_types(void)
{
    type_register_static(&genet_type);
}

type_init(genet_register_types)
