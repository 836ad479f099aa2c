/*
 * BCM54213PE, the gigabit PHY of the Raspberry Pi 4 B
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Registers of clause 22, Broadcom's shadow registers as storage, and an
 * autonegotiation that takes time. The link exists when the network backend's
 * does (set_link in the monitor) and negotiation has come to a result.
 */

#ifndef APUS_BCM54213PE_H
#define APUS_BCM54213PE_H

#include "qemu/timer.h"

typedef struct BCM54213PE BCM54213PE;

struct BCM54213PE {
    uint16_t reg[32];
    uint16_t auxiliary[8];      /* register 0x18 by shadow number */
    uint16_t shadow[32];        /* register 0x1c by shadow number */
    uint16_t expansion[256];    /* register 0x15 by the low byte of 0x17 */
    uint16_t mmd_address;
    uint16_t mmd[32];           /* one register a device: what EEE needs */
    uint8_t auxiliary_read;
    uint8_t shadow_read;
    bool cable;                 /* the other end is there */
    bool link;
    bool latched_down;          /* BMSR's link bit sticks at 0 until read */
    QEMUTimer *negotiation;
    uint32_t negotiation_ms;
    uint32_t partner_speed;     /* the best the other end can do: Mbit/s */
    bool partner_half_duplex;
    bool partner_silent;        /* does not negotiate */
    bool two_pairs;             /* of the cable carry nothing */
    uint8_t address;            /* on the management bus; 32 for nowhere */
    bool resetting;
    QEMUTimer *reset_end;
    void (*link_changed)(void *opaque);
    void *opaque;
};

void bcm54213pe_init(BCM54213PE *phy, void (*link_changed)(void *opaque),
                     void *opaque);
/* Power-on: negotiated already, as firmware leaves it. */
void bcm54213pe_reset(BCM54213PE *phy);
void bcm54213pe_set_cable(BCM54213PE *phy, bool present);
uint16_t bcm54213pe_read(BCM54213PE *phy, unsigned reg);
void bcm54213pe_write(BCM54213PE *phy, unsigned reg, uint16_t value);
/*
 * Whether each clock between MAC and PHY is delayed exactly once, as it has to
 * be at 1000 Mbit/s: the receiver's here, the transmitter's here or by the MAC.
 */
bool bcm54213pe_receive_clock_fits(const BCM54213PE *phy);
bool bcm54213pe_transmit_clock_fits(const BCM54213PE *phy, bool mac_delays);
/* Mbit/s of the link, 0 while there is none. */
unsigned bcm54213pe_speed(const BCM54213PE *phy);

#endif
