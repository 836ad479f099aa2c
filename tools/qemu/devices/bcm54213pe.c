/*
 * BCM54213PE, the gigabit PHY of the Raspberry Pi 4 B
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/log.h"
#include "bcm54213pe.h"

enum {
    BMCR = 0x00, BMSR = 0x01, PHYID1 = 0x02, PHYID2 = 0x03, ANAR = 0x04,
    ANLPAR = 0x05, ANER = 0x06, GBCR = 0x09, GBSR = 0x0a, MMD_CONTROL = 0x0d,
    MMD_DATA = 0x0e, ESTATUS = 0x0f, ECR = 0x10, EXPANSION_DATA = 0x15,
    EXPANSION_SELECT = 0x17, AUXILIARY = 0x18, SUMMARY = 0x19,
    INTERRUPT_STATUS = 0x1a, INTERRUPT_MASK = 0x1b, SHADOW = 0x1c,
};

#define BMCR_RESET          (1 << 15)
#define BMCR_SPEED_LOW      (1 << 13)
#define BMCR_NEGOTIATE      (1 << 12)
#define BMCR_POWER_DOWN     (1 << 11)
#define BMCR_ISOLATE        (1 << 10)
#define BMCR_RESTART        (1 << 9)
#define BMCR_FULL_DUPLEX    (1 << 8)
#define BMCR_SPEED_HIGH     (1 << 6)

#define BMSR_ABILITIES      0x7949  /* 10 and 100, both duplexes, negotiates */
#define BMSR_NEGOTIATED     (1 << 5)
#define BMSR_LINK           (1 << 2)

#define AN_SELECTOR         0x0001
#define AN_10_HALF          (1 << 5)
#define AN_10_FULL          (1 << 6)
#define AN_100_HALF         (1 << 7)
#define AN_100_FULL         (1 << 8)
#define AN_PAUSE            (1 << 10)
#define AN_ASYMMETRIC       (1 << 11)
#define AN_ACKNOWLEDGE      (1 << 14)

#define GBCR_HALF           (1 << 8)
#define GBCR_FULL           (1 << 9)
#define GBSR_PARTNER_HALF   (1 << 10)
#define GBSR_PARTNER_FULL   (1 << 11)
#define GBSR_RECEIVERS      (3 << 12)

#define SHADOW_WRITE        (1 << 15)
#define AUXILIARY_MISC      7
#define MISC_SKEW           (1 << 8)
#define MISC_WIRE_SPEED     (1 << 4)
#define SHADOW_CLOCK        3
#define CLOCK_DELAY         (1 << 9)
#define RESET_MS            2
/* What a board shows without a link. */
#define SUMMARY_WITHOUT_LINK 0x0703

/* The resolved mode as register 0x19 says it in bits 10:8. */
enum {
    MODE_NONE = 0, MODE_10_HALF = 1, MODE_10_FULL = 2, MODE_100_HALF = 3,
    MODE_100_FULL = 5, MODE_1000_HALF = 6, MODE_1000_FULL = 7,
};

static uint16_t partner_abilities(const BCM54213PE *phy)
{
    uint16_t value = AN_SELECTOR | AN_ACKNOWLEDGE | AN_PAUSE | AN_10_HALF;

    if (!phy->partner_half_duplex) {
        value |= AN_10_FULL;
    }
    if (phy->partner_speed >= 100) {
        value |= AN_100_HALF;
        if (!phy->partner_half_duplex) {
            value |= AN_100_FULL;
        }
    }
    return value;
}

static uint16_t partner_gigabit(const BCM54213PE *phy)
{
    if (phy->partner_speed < 1000) {
        return 0;
    }
    return GBSR_PARTNER_HALF |
           (phy->partner_half_duplex ? 0 : GBSR_PARTNER_FULL);
}

static unsigned forced_mode(const BCM54213PE *phy)
{
    uint16_t bmcr = phy->reg[BMCR];
    bool full = bmcr & BMCR_FULL_DUPLEX;

    if (bmcr & BMCR_SPEED_HIGH) {
        return full ? MODE_1000_FULL : MODE_1000_HALF;
    }
    if (bmcr & BMCR_SPEED_LOW) {
        return full ? MODE_100_FULL : MODE_100_HALF;
    }
    return full ? MODE_10_FULL : MODE_10_HALF;
}

static unsigned mode(const BCM54213PE *phy)
{
    uint16_t gigabit, common;

    if (!(phy->reg[BMCR] & BMCR_NEGOTIATE)) {
        return forced_mode(phy);
    }
    if (phy->partner_silent) {
        return MODE_NONE;
    }
    gigabit = (partner_gigabit(phy) >> 2) & phy->reg[GBCR];
    if (gigabit && phy->two_pairs) {
        /* Falls back, or tries for ever. */
        if (!(phy->auxiliary[AUXILIARY_MISC] & MISC_WIRE_SPEED)) {
            return MODE_NONE;
        }
        gigabit = 0;
    }
    if (gigabit & GBCR_FULL) {
        return MODE_1000_FULL;
    }
    if (gigabit & GBCR_HALF) {
        return MODE_1000_HALF;
    }
    common = partner_abilities(phy) & phy->reg[ANAR];
    return common & AN_100_FULL ? MODE_100_FULL
         : common & AN_100_HALF ? MODE_100_HALF
         : common & AN_10_FULL ? MODE_10_FULL
         : common & AN_10_HALF ? MODE_10_HALF : MODE_NONE;
}

unsigned bcm54213pe_speed(const BCM54213PE *phy)
{
    static const uint16_t speeds[] = { 0, 10, 10, 100, 0, 100, 1000, 1000 };

    return phy->link ? speeds[mode(phy)] : 0;
}

static void set_link(BCM54213PE *phy, bool link)
{
    link = link && mode(phy) != MODE_NONE;
    if (!link) {
        phy->latched_down = true;
    }
    if (phy->link != link) {
        phy->link = link;
        phy->reg[INTERRUPT_STATUS] |= 1 << 1;
        phy->link_changed(phy->opaque);
    }
}

static void negotiation_done(void *opaque)
{
    BCM54213PE *phy = opaque;

    set_link(phy, phy->cable);
}

/* The link goes away, and comes back after a while if anyone is there. */
static void negotiate(BCM54213PE *phy)
{
    timer_del(phy->negotiation);
    set_link(phy, false);
    if (phy->cable && !phy->resetting &&
        !(phy->reg[BMCR] & (BMCR_POWER_DOWN | BMCR_ISOLATE))) {
        timer_mod(phy->negotiation, qemu_clock_get_ms(QEMU_CLOCK_VIRTUAL) +
                  phy->negotiation_ms);
    }
}

static void reset_done(void *opaque)
{
    BCM54213PE *phy = opaque;

    phy->resetting = false;
    negotiate(phy);
}

bool bcm54213pe_receive_clock_fits(const BCM54213PE *phy)
{
    return bcm54213pe_speed(phy) != 1000 ||
           (phy->auxiliary[AUXILIARY_MISC] & MISC_SKEW);
}

bool bcm54213pe_transmit_clock_fits(const BCM54213PE *phy, bool mac_delays)
{
    bool delays = phy->shadow[SHADOW_CLOCK] & CLOCK_DELAY;

    return bcm54213pe_speed(phy) != 1000 || mac_delays != delays;
}

static void defaults(BCM54213PE *phy)
{
    memset(phy->reg, 0, sizeof(phy->reg));
    memset(phy->auxiliary, 0, sizeof(phy->auxiliary));
    memset(phy->shadow, 0, sizeof(phy->shadow));
    memset(phy->mmd, 0, sizeof(phy->mmd));
    memset(phy->expansion, 0, sizeof(phy->expansion));
    phy->reg[BMCR] = BMCR_NEGOTIATE | BMCR_FULL_DUPLEX | BMCR_SPEED_HIGH;
    phy->reg[PHYID1] = 0x600d;
    phy->reg[PHYID2] = 0x84a2;
    phy->reg[ANAR] = AN_SELECTOR | AN_10_HALF | AN_10_FULL | AN_100_HALF |
                     AN_100_FULL;
    phy->reg[GBCR] = GBCR_FULL | GBCR_HALF;
    phy->reg[ESTATUS] = 0x3000;
    phy->reg[INTERRUPT_MASK] = 0xffff;
    /* Out of reset with both RGMII delays on: MISC bit 8, clock control 9. */
    phy->auxiliary[AUXILIARY_MISC] = 0x71e0;
    phy->shadow[SHADOW_CLOCK] = CLOCK_DELAY;
    phy->mmd[7] = 0x0006;       /* EEE advertised at 100 and 1000 */
}

void bcm54213pe_reset(BCM54213PE *phy)
{
    defaults(phy);
    timer_del(phy->negotiation);
    timer_del(phy->reset_end);
    phy->resetting = false;
    phy->link = phy->cable && mode(phy) != MODE_NONE;
    phy->latched_down = false;
}

void bcm54213pe_set_cable(BCM54213PE *phy, bool present)
{
    phy->cable = present;
    negotiate(phy);
}

static uint16_t read_status(BCM54213PE *phy)
{
    uint16_t value = BMSR_ABILITIES;

    if (phy->link) {
        value |= phy->reg[BMCR] & BMCR_NEGOTIATE ? BMSR_NEGOTIATED : 0;
        if (!phy->latched_down) {
            value |= BMSR_LINK;
        }
    }
    phy->latched_down = false;
    return value;
}

/* Register 13 holds function (15:14) and device (4:0). */
static uint16_t *mmd_register(BCM54213PE *phy)
{
    return &phy->mmd[phy->reg[MMD_CONTROL] & 0x1f];
}

uint16_t bcm54213pe_read(BCM54213PE *phy, unsigned reg)
{
    uint16_t value;

    if (phy->resetting) {
        return reg == BMCR ? phy->reg[BMCR] | BMCR_RESET : 0;
    }
    switch (reg) {
    case BMSR:
        return read_status(phy);
    case ANLPAR:
        return phy->link ? partner_abilities(phy) : 0;
    case ANER:
        return phy->link ? 1 : 0;
    case GBSR:
        return phy->link ? partner_gigabit(phy) | GBSR_RECEIVERS : 0;
    case MMD_DATA:
        if (!(phy->reg[MMD_CONTROL] >> 14)) {
            return phy->mmd_address;
        }
        /* Only the EEE advertisement is kept: 7.60. */
        return (phy->reg[MMD_CONTROL] & 0x1f) == 7 && phy->mmd_address == 60
             ? *mmd_register(phy) : 0;
    case EXPANSION_DATA:
        return phy->expansion[phy->reg[EXPANSION_SELECT] & 0xff];
    case AUXILIARY:
        return phy->auxiliary[phy->auxiliary_read] | phy->auxiliary_read;
    case SUMMARY:
        if (!phy->link) {
            return SUMMARY_WITHOUT_LINK;
        }
        return (mode(phy) << 8) | BMSR_LINK |
               (phy->reg[BMCR] & BMCR_NEGOTIATE ? 1 << 15 : 0);
    case INTERRUPT_STATUS:
        value = phy->reg[INTERRUPT_STATUS];
        phy->reg[INTERRUPT_STATUS] = 0;
        return value;
    case SHADOW:
        return (phy->shadow_read << 10) | phy->shadow[phy->shadow_read];
    default:
        return phy->reg[reg];
    }
}

static void write_control(BCM54213PE *phy, uint16_t value)
{
    uint16_t changed = phy->reg[BMCR] ^ value;

    if (value & BMCR_RESET) {
        defaults(phy);
        phy->resetting = true;
        negotiate(phy);
        timer_mod(phy->reset_end, qemu_clock_get_ms(QEMU_CLOCK_VIRTUAL) +
                  RESET_MS);
        return;
    }
    phy->reg[BMCR] = value & ~BMCR_RESTART;
    if ((value & BMCR_RESTART) ||
        (changed & (BMCR_NEGOTIATE | BMCR_POWER_DOWN | BMCR_ISOLATE |
                    BMCR_SPEED_LOW | BMCR_SPEED_HIGH | BMCR_FULL_DUPLEX))) {
        negotiate(phy);
    }
}

static void write_auxiliary(BCM54213PE *phy, uint16_t value)
{
    unsigned number = value & 7;

    if (number == AUXILIARY_MISC && !(value & SHADOW_WRITE)) {
        phy->auxiliary_read = (value >> 12) & 7;
        return;
    }
    phy->auxiliary[number] = value & ~(SHADOW_WRITE | 7);
    phy->auxiliary_read = number;
}

void bcm54213pe_write(BCM54213PE *phy, unsigned reg, uint16_t value)
{
    if (phy->resetting) {
        qemu_log_mask(LOG_GUEST_ERROR, "bcm54213pe: register 0x%02x written "
                      "during a reset\n", reg);
        return;
    }
    switch (reg) {
    case BMCR:
        write_control(phy, value);
        break;
    case BMSR: case PHYID1: case PHYID2: case ANLPAR: case ANER: case GBSR:
    case ESTATUS: case SUMMARY: case INTERRUPT_STATUS:
        qemu_log_mask(LOG_GUEST_ERROR,
                      "bcm54213pe: register 0x%02x is read-only\n", reg);
        break;
    case MMD_DATA:
        if (!(phy->reg[MMD_CONTROL] >> 14)) {
            phy->mmd_address = value;
        } else if (phy->mmd_address == 60) {
            *mmd_register(phy) = value;
        }
        break;
    case EXPANSION_DATA:
        phy->expansion[phy->reg[EXPANSION_SELECT] & 0xff] = value;
        break;
    case AUXILIARY:
        write_auxiliary(phy, value);
        break;
    case SHADOW:
        phy->shadow_read = (value >> 10) & 0x1f;
        if (value & SHADOW_WRITE) {
            phy->shadow[phy->shadow_read] = value & 0x3ff;
        }
        break;
    default:
        phy->reg[reg] = value;
        break;
    }
}

void bcm54213pe_init(BCM54213PE *phy, void (*link_changed)(void *opaque),
                     void *opaque)
{
    phy->link_changed = link_changed;
    phy->opaque = opaque;
    phy->negotiation = timer_new_ms(QEMU_CLOCK_VIRTUAL, negotiation_done, phy);
    phy->reset_end = timer_new_ms(QEMU_CLOCK_VIRTUAL, reset_done, phy);
    defaults(phy);
}
