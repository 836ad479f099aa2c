/*
 * GENET v5, the gigabit Ethernet controller of the BCM2711
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef APUS_GENET_H
#define APUS_GENET_H

#include "hw/sysbus.h"
#include "net/net.h"
#include "qemu/timer.h"
#include "qom/object.h"
#include "bcm54213pe.h"
#include "genet-registers.h"

#define TYPE_GENET "apus-genet"
OBJECT_DECLARE_SIMPLE_TYPE(GenetState, GENET)

#define GENET_FIFO 32768
#define GENET_FRAME_MAX 16384

/* What a ring knows beyond its registers. */
typedef struct GenetRing {
    GenetState *s;
    unsigned number;
    uint32_t position;      /* the hardware's descriptor, from START on */
    uint32_t uncounted;     /* packets since the last "multi-buffer done" */
    QEMUTimer *timeout;     /* receive only */
} GenetRing;

struct GenetState {
    SysBusDevice parent_obj;

    MemoryRegion iomem;
    MemoryRegion gate_iomem;
    qemu_irq irq[2];
    NICState *nic;
    NICConf conf;
    BCM54213PE phy;

    uint32_t reg[GENET_WINDOW / 4];
    GenetRing rx[GENET_RINGS];
    GenetRing tx[GENET_RINGS];

    QEMUBH *transmit;
    QEMUTimer *transmit_timer;  /* instead of it where instructions count */
    unsigned next_ring;         /* round robin */
    unsigned mdio_busy;         /* reads until the transaction is over */
    unsigned rdma_stopping, tdma_stopping;
    bool speed_complained;

    /* Frames that wait for DMA to be switched on: 4 bytes length, data. */
    uint8_t fifo[GENET_FIFO];
    uint32_t fifo_length;

    QEMUTimer *pause_timer;     /* the next pause frame of ours */
    bool pausing;               /* the partner was told to wait */
    int64_t paused_until;       /* and so were we */
    int64_t wire_free;          /* when the last frame has left */
    uint32_t gate, initial_gate;
    uint64_t netboot_buffers;   /* a firmware receives there; 0: none does */
    uint64_t pauses_sent, spoiled;

    bool sticky_indexes;
    uint64_t register_reads, register_writes;
    uint64_t frames_dropped;
    uint64_t overflows;         /* of them: ring or FIFO full */
};

static inline uint32_t *genet_reg(GenetState *s, unsigned offset)
{
    return &s->reg[offset / 4];
}

/* A ring's register: `dma` is RDMA or TDMA. */
static inline uint32_t *genet_ring_reg(GenetState *s, unsigned dma,
                                       unsigned ring, unsigned offset)
{
    return genet_reg(s, dma + DMA_RINGS + 0x40 * ring + offset);
}

static inline uint32_t *genet_dma_reg(GenetState *s, unsigned dma,
                                      unsigned offset)
{
    return genet_reg(s, dma + DMA_COMMON + offset);
}

static inline bool genet_ring_runs(GenetState *s, unsigned dma, unsigned ring)
{
    uint32_t control = *genet_dma_reg(s, dma, DMA_CTRL);

    return (control & DMA_EN) && (control & DMA_RING_EN(ring));
}

static inline uint16_t genet_ring_pending(GenetState *s, unsigned dma,
                                          unsigned ring)
{
    uint16_t hard = *genet_ring_reg(s, dma, ring, RING_HARD_INDEX);
    uint16_t soft = *genet_ring_reg(s, dma, ring, RING_SOFT_INDEX);

    return dma == RDMA ? hard - soft : soft - hard;
}

/* genet.c */
void genet_raise(GenetState *s, unsigned block, uint32_t bits);
/* The address range of a ring's descriptors; false if it makes no sense. */
bool genet_ring_range(GenetState *s, unsigned dma, unsigned ring,
                      uint32_t *first, uint32_t *count);
uint64_t genet_descriptor_address(GenetState *s, unsigned dma, uint32_t index);
void genet_count_frame(GenetState *s, unsigned bins, uint32_t length);
/* Whether frames can pass between the MAC and the wire now. */
bool genet_carrier(GenetState *s);
/* One descriptor is done; moves the hardware's index and pointer. */
void genet_ring_advance(GenetState *s, unsigned dma, GenetRing *ring,
                        uint32_t first, uint32_t count);

/* genet-flow.c */
extern const MemoryRegionOps genet_gate_ops;
void genet_reset_values(GenetState *s);
void genet_check_reserved(GenetState *s, unsigned offset, uint32_t value);
void genet_leave_netboot(GenetState *s);
void genet_take_pause(GenetState *s, uint16_t quanta);
int64_t genet_pause_left(GenetState *s);
void genet_occupy_wire(GenetState *s, uint32_t length);
/* Nanoseconds until the transmitter may send; 0 for now. */
int64_t genet_wire_wait(GenetState *s);
/* Something has changed that pause frames depend on. */
void genet_flow_update(GenetState *s);
void genet_pause_again(void *opaque);

/* genet-receive.c */
bool genet_can_receive(NetClientState *nc);
ssize_t genet_receive(NetClientState *nc, const uint8_t *data, size_t size);
void genet_receive_waiting(GenetState *s);
void genet_receive_timeout(void *opaque);

/* genet-transmit.c */
void genet_transmit(void *opaque);
void genet_transmit_schedule(GenetState *s);

#endif
