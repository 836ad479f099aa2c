/*
 * GENET v5: flow control, time on the wire, the gate, and what firmware left
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the MAC does without a processor: it obeys pause frames, and sends
 * them again and again while a ring has fewer free descriptors than its
 * threshold says, unless UMAC_CMD forbids one or the other.
 */

#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/log.h"
#include "genet.h"

#define PAUSE_FRAME 60
#define QUANTUM_BITS 512

/* Nanoseconds that `bits` take on the wire. */
static int64_t bit_time(GenetState *s, int64_t bits)
{
    unsigned speed = bcm54213pe_speed(&s->phy);

    return bits * 1000 / (speed ? speed : 1000);
}

static bool is_full_duplex(GenetState *s)
{
    return !(*genet_reg(s, UMAC_CMD) & CMD_HD_EN);
}

/* MARK: Obeying */

void genet_take_pause(GenetState *s, uint16_t quanta)
{
    if (is_full_duplex(s)) {
        s->paused_until = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) +
                          bit_time(s, (int64_t)quanta * QUANTUM_BITS);
    }
}

/* How long the transmitter has to wait; 0 when it may send. */
int64_t genet_pause_left(GenetState *s)
{
    int64_t left = s->paused_until - qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);

    return *genet_reg(s, UMAC_CMD) & CMD_RX_PAUSE_IGNORE ? 0 : MAX(left, 0);
}

/*
 * A frame keeps the wire busy. At 1000 Mbit/s it does not: to emulate it takes
 * as long.
 */
void genet_occupy_wire(GenetState *s, uint32_t length)
{
    unsigned speed = bcm54213pe_speed(&s->phy);

    if (speed == 10 || speed == 100) {
        s->wire_free = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) +
                       bit_time(s, 8 * ((int64_t)MAX(length, 60) + 24));
    }
}

int64_t genet_wire_wait(GenetState *s)
{
    int64_t busy = s->wire_free - qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);

    return MAX(genet_pause_left(s), MAX(busy, 0));
}

/* MARK: Pausing */

static bool may_pause(GenetState *s)
{
    uint32_t command = *genet_reg(s, UMAC_CMD);

    return (command & CMD_RX_EN) &&
           !(command & (CMD_SW_RESET | CMD_TX_PAUSE_IGNORE)) &&
           is_full_duplex(s) && genet_carrier(s);
}

/* Whether a ring in use has less than its threshold. */
static bool is_short(GenetState *s)
{
    uint32_t rings = *genet_dma_reg(s, RDMA, DMA_RING_CFG);

    for (unsigned i = 0; i < GENET_RINGS; i++) {
        uint32_t threshold = *genet_ring_reg(s, RDMA, i, RING_FLOW);
        uint32_t size = *genet_ring_reg(s, RDMA, i, RING_BUF_SIZE) >> 16;
        uint32_t left = size - MIN(size, genet_ring_pending(s, RDMA, i));

        if ((rings & (1u << i)) && genet_ring_runs(s, RDMA, i) &&
            (!threshold || left < threshold >> 16)) {
            return true;
        }
    }
    return false;
}

static void send_pause(GenetState *s, uint16_t quanta)
{
    static const uint8_t to[] = { 0x01, 0x80, 0xc2, 0, 0, 1 };
    uint8_t frame[PAUSE_FRAME] = { 0 };

    memcpy(frame, to, sizeof(to));
    stl_be_p(frame + 6, *genet_reg(s, UMAC_MAC0));
    stw_be_p(frame + 10, *genet_reg(s, UMAC_MAC1));
    stw_be_p(frame + 12, ETH_P_CONTROL);
    stw_be_p(frame + 14, PAUSE_OPCODE);
    stw_be_p(frame + 16, quanta);
    (*genet_reg(s, MIB_TX_PAUSE))++;
    (*genet_reg(s, MIB_TX_CONTROL))++;
    s->pauses_sent++;
    qemu_send_packet(qemu_get_queue(s->nic), frame, sizeof(frame));
}

void genet_flow_update(GenetState *s)
{
    bool pausing = may_pause(s) && is_short(s);

    if (pausing && !s->pausing) {
        s->pausing = true;
        genet_pause_again(s);
    } else if (!pausing && s->pausing) {
        s->pausing = false;
        timer_del(s->pause_timer);
        if (may_pause(s)) {
            send_pause(s, 0);
        }
    }
}

void genet_pause_again(void *opaque)
{
    GenetState *s = opaque;
    uint16_t quanta = *genet_reg(s, PAUSE_QUANTA);

    if (!s->pausing) {
        return;
    }
    if (!may_pause(s)) {
        s->pausing = false;
        return;
    }
    send_pause(s, quanta);
    timer_mod(s->pause_timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) +
              bit_time(s, (int64_t)MAX(quanta / 2, 1) * QUANTUM_BITS));
}

/* MARK: The gate */

/* GPIO, offset 0xd0: bit 0 lets frames pass. */
static uint64_t gate_read(void *opaque, hwaddr offset, unsigned size)
{
    return ((GenetState *)opaque)->gate;
}

static void gate_write(void *opaque, hwaddr offset, uint64_t value,
                       unsigned size)
{
    ((GenetState *)opaque)->gate = value;
}

const MemoryRegionOps genet_gate_ops = {
    .read = gate_read,
    .write = gate_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid.min_access_size = 4,
    .valid.max_access_size = 4,
};

/* MARK: Registers whose bits are not all known */

static const struct {
    uint16_t offset;
    uint32_t reset;
    uint32_t named;     /* the rest keeps what it is */
} partly_known[] = {
    { EXT_PWR_MGMT, 0x051f02c3, 0x001f11bf },
    { EXT_RGMII_OOB_CTRL, 0x00f00000, 0x00010070 },
    { RBUF_CTRL, 0xc040, 0x7 },
    { RBUF_PKT_RDY_THLD, 0x80, 0xff },
    { RBUF_CHK_CTRL, 0, 0x31 },
    { RBUF_ENERGY_CTRL, 0, 0x3 },
    { TBUF_CTRL, 0, 0x1 },
    { TBUF_PKT_RDY_THLD, 0x80, 0xff },
    { HD_BKP_CTRL, 0x14, 0x7f },
    { UMAC_EEE_CTRL, 0x40, 0xff },
};

void genet_reset_values(GenetState *s)
{
    for (unsigned i = 0; i < ARRAY_SIZE(partly_known); i++) {
        *genet_reg(s, partly_known[i].offset) = partly_known[i].reset;
    }
    *genet_reg(s, TBUF_BP_MC) = 0xffff;
    *genet_reg(s, PAUSE_QUANTA) = 0xffff;
    *genet_reg(s, TX_IPG_LEN) = 0x3c00;
    *genet_reg(s, UMAC_MDIO_CFG) = 0x91;
}

void genet_check_reserved(GenetState *s, unsigned offset, uint32_t value)
{
    for (unsigned i = 0; i < ARRAY_SIZE(partly_known); i++) {
        if (partly_known[i].offset == offset &&
            ((value ^ *genet_reg(s, offset)) & ~partly_known[i].named)) {
            qemu_log_mask(LOG_GUEST_ERROR, "genet: bits without a name "
                          "changed at 0x%04x: 0x%08x to 0x%08x\n", offset,
                          *genet_reg(s, offset), value);
        }
    }
}

/* MARK: What a network boot leaves */

#define NETBOOT_DESCRIPTORS 64
#define NETBOOT_BUFFER 2048

/* A firmware that has not stopped: it receives into its own buffers. */
void genet_leave_netboot(GenetState *s)
{
    const uint8_t *mac = s->conf.macaddr.a;

    *genet_reg(s, SYS_PORT_CTRL) = PORT_EXTERNAL_GPHY;
    *genet_reg(s, EXT_RGMII_OOB_CTRL) |= RGMII_LINK | RGMII_MODE_EN;
    *genet_reg(s, UMAC_MAC0) = ldl_be_p(mac);
    *genet_reg(s, UMAC_MAC1) = lduw_be_p(mac + 4);
    for (unsigned i = 0; i < NETBOOT_DESCRIPTORS; i++) {
        *genet_reg(s, RDMA + 12 * i + 4) = s->netboot_buffers +
                                           i * NETBOOT_BUFFER;
    }
    *genet_ring_reg(s, RDMA, 16, RING_BUF_SIZE) =
        NETBOOT_DESCRIPTORS << 16 | NETBOOT_BUFFER;
    *genet_ring_reg(s, RDMA, 16, RING_END) = NETBOOT_DESCRIPTORS * 3 - 1;
    *genet_ring_reg(s, RDMA, 16, RING_FLOW) = 5 << 16 | 10;
    *genet_dma_reg(s, RDMA, DMA_RING_CFG) = 1 << 16;
    *genet_dma_reg(s, RDMA, DMA_CTRL) = DMA_EN | DMA_RING_EN(16);
    *genet_reg(s, UMAC_CMD) = 0x1000010b;
}
