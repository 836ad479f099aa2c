/*
 * GENET v5: reception
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Address filters, the hardware filter block that chooses a ring, framing
 * (status block, padding), and delivery into the ring's buffers. What arrives
 * while DMA is off waits in the receive FIFO, framed as RBUF_CTRL said then.
 */

#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qemu/bswap.h"
#include "exec/address-spaces.h"
#include "net/checksum.h"
#include "net/eth.h"
#include "system/dma.h"
#include "genet.h"

#define MINIMUM_FRAME 60
#define FCS 4
#define TIMEOUT_UNIT_NS 8192

enum { PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_ICMP, PROTOCOL_OTHER };

/* A frame on its way in, and what the hardware found out about it. */
typedef struct Arrival {
    const uint8_t *data;
    uint32_t length;
    uint32_t status;        /* the flags of the descriptor's first word */
    uint32_t checksum;      /* the third word of the status block */
    unsigned ring;
} Arrival;

/* MARK: Filters */

static bool is_own_address(GenetState *s, const uint8_t *to)
{
    return *genet_reg(s, UMAC_MAC0) == ldl_be_p(to) &&
           (*genet_reg(s, UMAC_MAC1) & 0xffff) == lduw_be_p(to + 4);
}

static bool passes_filters(GenetState *s, const uint8_t *to)
{
    uint32_t enabled = *genet_reg(s, UMAC_MDF_CTRL);

    if (*genet_reg(s, UMAC_CMD) & CMD_PROMISC) {
        return true;
    }
    if (!enabled) {
        return (to[0] & 1) || is_own_address(s, to);
    }
    for (unsigned i = 0; i < GENET_MDF_FILTERS; i++) {
        const uint32_t *filter = genet_reg(s, UMAC_MDF_ADDR0(i));

        if ((enabled & (1u << (16 - i))) &&
            (filter[0] & 0xffff) == lduw_be_p(to) &&
            filter[1] == ldl_be_p(to + 2)) {
            return true;
        }
    }
    (*genet_reg(s, UMAC_MDF_ERR_CNT))++;
    return false;
}

static bool pattern_matches(GenetState *s, unsigned filter, const uint8_t *data,
                            uint32_t length)
{
    uint32_t lengths = *genet_reg(s, HFB_LENGTHS + ((47 - filter) & ~3));
    unsigned words = (lengths >> (8 * (filter % 4))) & 0xff;

    if (words == 0) {
        return false;
    }
    for (unsigned i = 0; i < MIN(words, 128); i++) {
        uint32_t pattern = *genet_reg(s, HFB_PATTERNS + (filter * 128 + i) * 4);
        uint32_t mask = 0;

        for (unsigned nibble = 0; nibble < 4; nibble++) {
            if (pattern & (1u << (16 + nibble))) {
                mask |= 0xfu << (4 * nibble);
            }
        }
        if (mask && (2 * i + 2 > length ||
                     ((lduw_be_p(data + 2 * i) ^ pattern) & mask))) {
            return false;
        }
    }
    return true;
}

/*
 * Which ring: that of the filter which matches, else the default ring 16. Of
 * several that match the highest counts, so that filter 0 can catch the rest.
 */
static void choose_ring(GenetState *s, Arrival *frame)
{
    frame->ring = GENET_RINGS - 1;
    if (!(*genet_reg(s, HFB_CTRL) & HFB_EN)) {
        return;
    }
    for (int i = GENET_FILTERS - 1; i >= 0; i--) {
        uint32_t enabled = *genet_reg(s, i < 32 ? HFB_ENABLE_LOW
                                                : HFB_ENABLE_HIGH);

        if ((enabled & (1u << (i % 32))) &&
            pattern_matches(s, i, frame->data, frame->length)) {
            uint32_t rings = *genet_dma_reg(s, RDMA,
                                            RDMA_INDEX2RING_0 + 4 * (i / 8));

            frame->ring = (rings >> (4 * (i % 8))) & 0xf;
            frame->status |= DESC_RX_FILTER(i);
            return;
        }
    }
}

/* Control frames stay in the MAC unless they are asked for. */
static bool is_consumed(GenetState *s, const uint8_t *data)
{
    uint32_t command = *genet_reg(s, UMAC_CMD);

    if (lduw_be_p(data + 12) != ETH_P_CONTROL) {
        return false;
    }
    (*genet_reg(s, MIB_RX_CONTROL))++;
    if (lduw_be_p(data + 14) == PAUSE_OPCODE) {
        (*genet_reg(s, MIB_RX_PAUSE))++;
        genet_take_pause(s, lduw_be_p(data + 16));
        return !(command & CMD_PAUSE_FWD);
    }
    return !(command & CMD_CNTL_FRM_EN);
}

/* MARK: What is said about a frame */

static void count_received(GenetState *s, Arrival *frame)
{
    uint32_t length = frame->length + FCS;

    genet_count_frame(s, MIB_RX_BINS, length);
    (*genet_reg(s, MIB_RX_PACKETS))++;
    *genet_reg(s, MIB_RX_BYTES) += length;
    (*genet_reg(s, MIB_RX_CRC_MATCH))++;
    switch (get_eth_packet_type(PKT_GET_ETH_HDR(frame->data))) {
    case ETH_PKT_BCAST:
        frame->status |= DESC_RX_BROADCAST;
        (*genet_reg(s, MIB_RX_BROADCAST))++;
        break;
    case ETH_PKT_MCAST:
        frame->status |= DESC_RX_MULTICAST;
        (*genet_reg(s, MIB_RX_MULTICAST))++;
        break;
    default:
        (*genet_reg(s, MIB_RX_UNICAST))++;
        break;
    }
    if (!bcm54213pe_receive_clock_fits(&s->phy)) {
        frame->status |= DESC_RX_CRC_ERROR;
        (*genet_reg(s, MIB_RX_FCS_ERRORS))++;
    } else if (length > *genet_reg(s, UMAC_MAX_FRAME_LEN)) {
        frame->status |= DESC_RX_TOO_LONG;
        (*genet_reg(s, MIB_RX_OVERSIZE))++;
    } else {
        (*genet_reg(s, MIB_RX_GOOD))++;
    }
}

static unsigned protocol_kind(unsigned number)
{
    return number == IP_PROTO_TCP ? PROTOCOL_TCP
         : number == IP_PROTO_UDP ? PROTOCOL_UDP
         : number == 1 ? PROTOCOL_ICMP : PROTOCOL_OTHER;
}

/* The parsed kind of checksum: good or not, for IPv4 without fragments. */
static uint32_t parsed_checksum(const uint8_t *data, uint32_t length)
{
    const uint8_t *ip = data + ETH_HLEN;
    uint32_t header, total, kind;
    uint32_t sum;

    if (length < ETH_HLEN + 20 || lduw_be_p(data + 12) != ETH_P_IP ||
        ip[0] >> 4 != 4) {
        return PROTOCOL_OTHER << 18;
    }
    header = (ip[0] & 0xf) * 4;
    total = lduw_be_p(ip + 2);
    kind = protocol_kind(ip[9]);
    if (header < 20 || total < header || ETH_HLEN + total > length) {
        return PROTOCOL_OTHER << 18;
    }
    if (lduw_be_p(ip + 6) & 0x3fff) {
        return (kind << 18) | (1u << 17);
    }
    if (kind != PROTOCOL_TCP && kind != PROTOCOL_UDP) {
        return kind << 18;
    }
    sum = net_checksum_add(total - header, (uint8_t *)ip + header) +
          net_checksum_add(8, (uint8_t *)ip + 12) + ip[9] + (total - header);
    return (kind << 18) | (net_checksum_finish(sum) == 0 ? 1u << 16 : 0) |
           (~net_checksum_finish(sum) & 0xffff);
}

static void check_sum(GenetState *s, Arrival *frame)
{
    uint32_t control = *genet_reg(s, RBUF_CHK_CTRL);

    if (!(control & RXCHK_EN)) {
        return;
    }
    if (control & L3_PARSE_DIS) {
        uint32_t sum = net_checksum_add(frame->length - ETH_HLEN,
                                        (uint8_t *)frame->data + ETH_HLEN);

        frame->checksum = ~net_checksum_finish(sum) & 0xffff;
        return;
    }
    frame->checksum = parsed_checksum(frame->data, frame->length);
    if (frame->checksum & (1u << 16)) {
        frame->status |= DESC_CHECKSUM_OK;
    }
}

/* MARK: Delivery */

/* Status block, padding, frame, FCS: as they will lie in memory. */
static uint32_t assemble(GenetState *s, const Arrival *frame, uint8_t *out)
{
    uint32_t control = *genet_reg(s, RBUF_CTRL), length = 0, word;

    if (control & RBUF_64B_EN) {
        memset(out, 0, STATUS_BLOCK);
        length += STATUS_BLOCK;
    }
    if (control & RBUF_ALIGN_2B) {
        out[length++] = 0;
        out[length++] = 0;
    }
    memcpy(out + length, frame->data, frame->length);
    length += frame->length;
    if (*genet_reg(s, UMAC_CMD) & CMD_CRC_FWD) {
        stl_le_p(out + length, ~net_crc32_le(frame->data, frame->length));
        length += FCS;
    }
    if (control & RBUF_64B_EN) {
        word = (MIN(length, 0xfff) << 16) | frame->status | DESC_SOP;
        /* It is written when the threshold is reached. */
        if (length <= (*genet_reg(s, RBUF_PKT_RDY_THLD) & 0xff) * 16) {
            word |= DESC_EOP;
        }
        stl_le_p(out, word);
        stl_le_p(out + 8, frame->checksum);
    }
    return length;
}

static void raise_done(GenetState *s, GenetRing *ring)
{
    ring->uncounted = 0;
    timer_del(ring->timeout);
    if (ring->number == GENET_RINGS - 1) {
        genet_raise(s, 0, IRQ0_RXDMA_MBDONE);
    } else {
        genet_raise(s, 1, IRQ1_RX(ring->number));
    }
}

void genet_receive_timeout(void *opaque)
{
    GenetRing *ring = opaque;

    if (ring->uncounted) {
        raise_done(ring->s, ring);
    }
}

static void count_done(GenetState *s, GenetRing *ring)
{
    uint32_t threshold = *genet_ring_reg(s, RDMA, ring->number,
                                         RING_MBUF_DONE_THRESH) & 0x1ff;
    uint32_t timeout = *genet_dma_reg(s, RDMA, RDMA_TIMEOUT(ring->number)) &
                       0xffff;

    if (ring->number == GENET_RINGS - 1) {
        genet_raise(s, 0, IRQ0_RXDMA_PDONE | IRQ0_RXDMA_BDONE);
    }
    ring->uncounted++;
    if (threshold && ring->uncounted >= threshold) {
        raise_done(s, ring);
    } else if (timeout && !timer_pending(ring->timeout)) {
        timer_mod(ring->timeout, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) +
                  (int64_t)timeout * TIMEOUT_UNIT_NS);
    }
}

static void count_discard(GenetState *s, unsigned ring)
{
    uint32_t *index = genet_ring_reg(s, RDMA, ring, RING_HARD_INDEX);

    if (*index >> 16 != 0xffff) {
        *index += 1u << 16;
    }
    s->frames_dropped++;
    s->overflows++;
}

/* Writes one piece into the ring's next buffer. */
static void fill_descriptor(GenetState *s, GenetRing *ring, uint32_t index,
                            const uint8_t *data, uint32_t length,
                            uint32_t status)
{
    const MemTxAttrs attributes = { .memory = true };
    uint64_t address = genet_descriptor_address(s, RDMA, index);

    *genet_reg(s, RDMA + 12 * index) = (length << 16) | status;
    if (dma_memory_write(&address_space_memory, address, data, length,
                         attributes)) {
        qemu_log_mask(LOG_GUEST_ERROR, "genet: receive buffer at 0x%" PRIx64
                      " is no memory\n", address);
        (*genet_reg(s, RBUF_ERR_CNT))++;
    }
}

/* Puts an assembled frame into a ring; frames beyond a buffer take several. */
static void deliver(GenetState *s, unsigned number, const uint8_t *data,
                    uint32_t length, uint32_t status)
{
    GenetRing *ring = &s->rx[number];
    uint32_t first, count, size, pieces, room;

    if (!genet_ring_runs(s, RDMA, number) ||
        !(*genet_dma_reg(s, RDMA, DMA_RING_CFG) & (1u << number)) ||
        !genet_ring_range(s, RDMA, number, &first, &count)) {
        s->frames_dropped++;
        return;
    }
    size = *genet_ring_reg(s, RDMA, number, RING_BUF_SIZE) & 0xfff;
    if (size <= STATUS_BLOCK) {
        qemu_log_mask(LOG_GUEST_ERROR, "genet: receive ring %u has buffers of "
                      "%u bytes\n", number, size);
        count_discard(s, number);
        return;
    }
    pieces = DIV_ROUND_UP(length, size);
    room = genet_ring_pending(s, RDMA, number);
    if (room + pieces > count) {
        count_discard(s, number);
        return;
    }
    for (uint32_t i = 0; i < pieces; i++) {
        uint32_t part = MIN(size, length - i * size);
        uint32_t marks = (i == 0 ? DESC_SOP : 0) |
                         (i == pieces - 1 ? DESC_EOP : 0);

        fill_descriptor(s, ring, first + ring->position % count,
                        data + i * size, part, status | marks);
        genet_ring_advance(s, RDMA, ring, first, count);
    }
    count_done(s, ring);
}

/* MARK: The FIFO */

#define FIFO_HEADER 12

static void keep(GenetState *s, const Arrival *frame, const uint8_t *data,
                 uint32_t length)
{
    uint8_t *end = s->fifo + s->fifo_length;

    if (s->fifo_length + FIFO_HEADER + length > sizeof(s->fifo)) {
        uint32_t *overflows = genet_reg(s, RBUF_OVFL_CNT);

        *overflows += *overflows != UINT32_MAX;
        s->frames_dropped++;
        s->overflows++;
        genet_raise(s, 0, IRQ0_RBUF_OVERFLOW);
        return;
    }
    stl_le_p(end, length);
    stl_le_p(end + 4, frame->status);
    stl_le_p(end + 8, frame->ring);
    memcpy(end + FIFO_HEADER, data, length);
    s->fifo_length += FIFO_HEADER + length;
}

void genet_receive_waiting(GenetState *s)
{
    uint32_t position = 0;

    if (!(*genet_dma_reg(s, RDMA, DMA_CTRL) & DMA_EN)) {
        return;
    }
    while (position < s->fifo_length) {
        const uint8_t *entry = s->fifo + position;
        uint32_t length = ldl_le_p(entry);

        deliver(s, ldl_le_p(entry + 8), entry + FIFO_HEADER, length,
                ldl_le_p(entry + 4));
        position += FIFO_HEADER + length;
    }
    s->fifo_length = 0;
}

/* MARK: Arrival */

static bool is_listening(GenetState *s)
{
    uint32_t command = *genet_reg(s, UMAC_CMD);

    return (command & CMD_RX_EN) && !(command & CMD_SW_RESET) &&
           !(*genet_reg(s, SYS_RBUF_FLUSH_CTRL) & (RBUF_FLUSH | UMAC_RESET)) &&
           ((command & CMD_LCL_LOOP_EN) || genet_carrier(s));
}

bool genet_can_receive(NetClientState *nc)
{
    /* What cannot be taken is lost, as on a wire. */
    return true;
}

ssize_t genet_receive(NetClientState *nc, const uint8_t *data, size_t size)
{
    GenetState *s = qemu_get_nic_opaque(nc);
    uint8_t padded[MINIMUM_FRAME];
    g_autofree uint8_t *bytes = NULL;
    Arrival frame = { .data = data, .length = size };
    uint32_t length;

    if (!is_listening(s) || size < ETH_HLEN || size > GENET_FRAME_MAX) {
        s->frames_dropped += size >= ETH_HLEN;
        return size;
    }
    if (size < MINIMUM_FRAME) {
        memset(padded, 0, sizeof(padded));
        memcpy(padded, data, size);
        frame.data = padded;
        frame.length = MINIMUM_FRAME;
    }
    count_received(s, &frame);
    if (is_consumed(s, frame.data) || !passes_filters(s, frame.data) ||
        (*genet_reg(s, UMAC_MPD_CTRL) & MPD_EN)) {
        return size;
    }
    choose_ring(s, &frame);
    check_sum(s, &frame);
    bytes = g_malloc(frame.length + STATUS_BLOCK + 2 + FCS);
    length = assemble(s, &frame, bytes);
    if (*genet_dma_reg(s, RDMA, DMA_CTRL) & DMA_EN) {
        deliver(s, frame.ring, bytes, length, frame.status);
    } else {
        keep(s, &frame, bytes, length);
    }
    genet_flow_update(s);
    return size;
}
