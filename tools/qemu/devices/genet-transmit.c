/*
 * GENET v5: transmission
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writing a producer index only asks for work: frames leave later, from the
 * main loop, as on hardware. Descriptors from SOP to EOP make a frame; a
 * status block in front of it may ask for a checksum.
 */

#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qemu/main-loop.h"
#include "qemu/bswap.h"
#include "exec/address-spaces.h"
#include "net/checksum.h"
#include "net/eth.h"
#include "system/cpu-timers.h"
#include "system/dma.h"
#include "genet.h"

#define FRAMES_A_TURN 64
#define MINIMUM_FRAME 60
#define FCS 4

typedef struct Frame {
    uint8_t bytes[GENET_FRAME_MAX];
    uint32_t length;
    uint32_t control;       /* the first descriptor's word */
    uint32_t first_length;
    bool is_broken;
} Frame;

static void genet_transmit_later(GenetState *s, int64_t wait)
{
    timer_mod(s->transmit_timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + wait);
}

void genet_transmit_schedule(GenetState *s)
{
    if (icount_enabled()) {
        genet_transmit_later(s, SCALE_US);
    } else {
        qemu_bh_schedule(s->transmit);
    }
}

static void insert_checksum(Frame *frame, const uint8_t *block)
{
    uint32_t info = ldl_le_p(block + 4 * CHECKSUM_WORD);
    uint32_t start = (info >> 16) & 0x7fff, field = info & 0x7fff;
    uint16_t sum;

    if (!(info & CHECKSUM_VALID)) {
        return;
    }
    if (start >= frame->length || field + 2 > frame->length) {
        qemu_log_mask(LOG_GUEST_ERROR, "genet: checksum from %u into %u of a "
                      "frame of %u bytes\n", start, field, frame->length);
        return;
    }
    sum = net_raw_checksum(frame->bytes + start, frame->length - start);
    if (sum == 0 && (info & CHECKSUM_UDP)) {
        sum = 0xffff;
    }
    stw_be_p(frame->bytes + field, sum);
}

/* Takes the status block off the front. False if there is none. */
static bool take_status_block(Frame *frame)
{
    uint8_t block[STATUS_BLOCK];

    if (frame->first_length < STATUS_BLOCK) {
        qemu_log_mask(LOG_GUEST_ERROR, "genet: first buffer of %u bytes does "
                      "not hold the status block\n", frame->first_length);
        return false;
    }
    memcpy(block, frame->bytes, STATUS_BLOCK);
    frame->length -= STATUS_BLOCK;
    frame->first_length -= STATUS_BLOCK;
    memmove(frame->bytes, frame->bytes + STATUS_BLOCK, frame->length);
    if (frame->control & DESC_TX_DO_CHECKSUM) {
        insert_checksum(frame, block);
    }
    return true;
}

/* The end of the frame: padding, and a frame check sequence that is right. */
static bool finish_check_sequence(GenetState *s, Frame *frame)
{
    uint32_t end;

    if (frame->control & DESC_TX_APPEND_CRC) {
        if (frame->length < MINIMUM_FRAME) {
            memset(frame->bytes + frame->length, 0,
                   MINIMUM_FRAME - frame->length);
            frame->length = MINIMUM_FRAME;
        }
        return true;
    }
    if (frame->length <= ETH_HLEN + FCS) {
        return false;
    }
    frame->length -= FCS;
    end = frame->length;
    if (!(frame->control & DESC_TX_OVERWRITE_CRC) &&
        ldl_le_p(frame->bytes + end) != ~net_crc32_le(frame->bytes, end)) {
        qemu_log_mask(LOG_GUEST_ERROR, "genet: a frame of %u bytes was sent "
                      "with a wrong FCS and without APPEND_CRC\n", end);
        (*genet_reg(s, MIB_TX_FCS_ERRORS))++;
        return false;
    }
    return true;
}

static void count_transmitted(GenetState *s, const Frame *frame)
{
    genet_count_frame(s, MIB_TX_BINS, frame->length + FCS);
    (*genet_reg(s, MIB_TX_PACKETS))++;
    *genet_reg(s, MIB_TX_BYTES) += frame->length + FCS;
    (*genet_reg(s, MIB_TX_GOOD))++;
    switch (get_eth_packet_type(PKT_GET_ETH_HDR(frame->bytes))) {
    case ETH_PKT_BCAST:
        (*genet_reg(s, MIB_TX_BROADCAST))++;
        break;
    case ETH_PKT_MCAST:
        (*genet_reg(s, MIB_TX_MULTICAST))++;
        break;
    default:
        (*genet_reg(s, MIB_TX_UNICAST))++;
        break;
    }
}

static void put_on_wire(GenetState *s, NetClientState *nc, Frame *frame)
{
    if (*genet_reg(s, UMAC_CMD) & CMD_LCL_LOOP_EN) {
        genet_receive(nc, frame->bytes, frame->length);
    } else if (genet_carrier(s)) {
        qemu_send_packet(nc, frame->bytes, frame->length);
    } else {
        s->frames_dropped++;
    }
}

static void send_frame(GenetState *s, Frame *frame)
{
    NetClientState *nc = qemu_get_queue(s->nic);

    if ((*genet_reg(s, TBUF_CTRL) & TBUF_64B_EN) &&
        !take_status_block(frame)) {
        frame->is_broken = true;
    }
    if (!frame->is_broken && frame->first_length <= ETH_HLEN) {
        qemu_log_mask(LOG_GUEST_ERROR, "genet: first buffer with %u bytes of "
                      "the frame: hardware sends no such frame\n",
                      frame->first_length);
        frame->is_broken = true;
    }
    if (frame->is_broken || !finish_check_sequence(s, frame) ||
        (*genet_reg(s, UMAC_TX_FLUSH) & 1)) {
        s->frames_dropped++;
        return;
    }
    count_transmitted(s, frame);
    if (bcm54213pe_transmit_clock_fits(
            &s->phy, !(*genet_reg(s, EXT_RGMII_OOB_CTRL) & ID_MODE_DIS)) ||
        (*genet_reg(s, UMAC_CMD) & CMD_LCL_LOOP_EN)) {
        put_on_wire(s, nc, frame);
    } else {
        /* The partner finds a wrong check sequence; nobody here does. */
        qemu_log_mask(LOG_GUEST_ERROR, "genet: the transmit clock is not "
                      "delayed once\n");
        s->spoiled++;
    }
}

static void fetch(GenetState *s, Frame *frame, uint32_t word, uint64_t address)
{
    const MemTxAttrs attributes = { .memory = true };
    uint32_t length = DESC_LENGTH(word);

    if (length == 0 || frame->length + length > sizeof(frame->bytes)) {
        qemu_log_mask(LOG_GUEST_ERROR, "genet: transmit buffer of %u bytes "
                      "after %u\n", length, frame->length);
        frame->is_broken = true;
        return;
    }
    if (dma_memory_read(&address_space_memory, address,
                        frame->bytes + frame->length, length, attributes)) {
        qemu_log_mask(LOG_GUEST_ERROR, "genet: transmit buffer at 0x%" PRIx64
                      " is no memory\n", address);
        frame->is_broken = true;
    }
    frame->length += length;
}

static void count_done(GenetState *s, GenetRing *ring)
{
    uint32_t threshold = *genet_ring_reg(s, TDMA, ring->number,
                                         RING_MBUF_DONE_THRESH) & 0x1ff;
    bool is_done;

    ring->uncounted++;
    is_done = ring->uncounted >= MAX(threshold, 1) ||
              genet_ring_pending(s, TDMA, ring->number) == 0;
    if (is_done) {
        ring->uncounted = 0;
    }
    if (ring->number == GENET_RINGS - 1) {
        genet_raise(s, 0, IRQ0_TXDMA_PDONE | IRQ0_TXDMA_BDONE |
                    (is_done ? IRQ0_TXDMA_MBDONE : 0));
    } else if (is_done) {
        genet_raise(s, 1, IRQ1_TX(ring->number));
    }
}

/* Sends the ring's next frame. False if it holds no whole one. */
static bool send_from(GenetState *s, GenetRing *ring, Frame *frame)
{
    uint32_t first, count, word, index, used = 0, ahead;
    uint16_t pending = genet_ring_pending(s, TDMA, ring->number);

    if (!genet_ring_range(s, TDMA, ring->number, &first, &count)) {
        return false;
    }
    if (pending > count) {
        qemu_log_mask(LOG_GUEST_ERROR, "genet: transmit ring %u of %u "
                      "descriptors was given %u\n", ring->number, count,
                      pending);
    }
    frame->length = 0;
    frame->is_broken = false;
    ahead = ring->position;
    do {
        if (used == pending) {
            /* The rest of the frame is still to come. */
            return false;
        }
        index = first + ahead % count;
        word = *genet_reg(s, TDMA + 12 * index);
        if ((used == 0) != !!(word & DESC_SOP)) {
            qemu_log_mask(LOG_GUEST_ERROR, "genet: transmit descriptor %u "
                          "0x%08x: SOP out of place\n", index, word);
            frame->is_broken = true;
        }
        fetch(s, frame, word, genet_descriptor_address(s, TDMA, index));
        if (used == 0) {
            frame->control = word;
            frame->first_length = DESC_LENGTH(word);
        }
        ahead++;
        used++;
    } while (!(word & DESC_EOP) && used < count);

    /* The index moves when the memory is free: before the frame is heard. */
    for (; used; used--) {
        genet_ring_advance(s, TDMA, ring, first, count);
    }
    send_frame(s, frame);
    count_done(s, ring);
    return true;
}

static unsigned priority(GenetState *s, unsigned ring)
{
    uint32_t reg = *genet_dma_reg(s, TDMA, TDMA_PRIORITY_0 + 4 * (ring / 6));

    return (reg >> (5 * (ring % 6))) & 0x1f;
}

static bool is_ready(GenetState *s, unsigned ring)
{
    return genet_ring_runs(s, TDMA, ring) &&
           (*genet_dma_reg(s, TDMA, DMA_RING_CFG) & (1u << ring)) &&
           genet_ring_pending(s, TDMA, ring);
}

/* The ring whose turn it is, of those not `stuck`; -1 if there is none. */
static int next_ring(GenetState *s, uint32_t stuck)
{
    bool is_strict = (*genet_dma_reg(s, TDMA, TDMA_ARB_CTRL) & 3) == 2;
    int best = -1;

    for (unsigned i = 0; i < GENET_RINGS; i++) {
        unsigned ring = (s->next_ring + i) % GENET_RINGS;

        if ((stuck & (1u << ring)) || !is_ready(s, ring)) {
            continue;
        }
        if (best < 0 || (is_strict && priority(s, ring) < priority(s, best))) {
            best = ring;
        }
    }
    return best;
}

void genet_transmit(void *opaque)
{
    GenetState *s = opaque;
    g_autofree Frame *frame = g_new(Frame, 1);
    uint32_t command, stuck = 0;

    for (unsigned sent = 0; sent < FRAMES_A_TURN; ) {
        int ring = next_ring(s, stuck);

        command = *genet_reg(s, UMAC_CMD);
        if (ring < 0 || !(command & CMD_TX_EN) || (command & CMD_SW_RESET)) {
            return;
        }
        if (genet_wire_wait(s)) {
            genet_transmit_later(s, genet_wire_wait(s));
            return;
        }
        if (send_from(s, &s->tx[ring], frame)) {
            s->next_ring = (ring + 1) % GENET_RINGS;
            sent++;
            genet_occupy_wire(s, frame->length);
        } else {
            stuck |= 1u << ring;
        }
    }
    genet_transmit_schedule(s);
}
