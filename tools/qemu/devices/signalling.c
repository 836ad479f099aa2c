/*
 * The voltage of a card's signals, and how fast they may be
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * SD Physical Layer Simplified Specification 6.00, 4.2.4.2: after CMD11 the
 * card holds CMD and DAT low. The host stops the clock, switches the supply of
 * the signals, and starts the clock; the card lets go of its lines if it finds
 * 1.8 V. Whatever else happens, it answers nothing until its power was off.
 */

#include "qemu/osdep.h"
#include "qemu/log.h"
#include "signalling.h"

void signalling_restart(Signalling *s)
{
    s->phase = PHASE_3V3;
    s->access = ACCESS_SDR12;
}

bool signalling_can_switch(const Signalling *s)
{
    return s->is_uhs && s->phase == PHASE_3V3;
}

void signalling_begin(Signalling *s)
{
    s->phase = PHASE_ASKED;
}

void signalling_clock(Signalling *s, bool runs)
{
    if (s->phase == PHASE_ASKED && !runs) {
        s->phase = PHASE_STOPPED;
    } else if (s->phase == PHASE_STOPPED && runs) {
        s->phase = s->supplies_1v8 && !s->sticks ? PHASE_1V8 : PHASE_STUCK;
        if (!s->supplies_1v8) {
            qemu_log_mask(LOG_GUEST_ERROR, "card: the clock starts after CMD11 "
                          "and the signals are at 3.3 V\n");
        }
    }
}

bool signalling_hears(const Signalling *s)
{
    switch (s->phase) {
    case PHASE_3V3:
        if (s->supplies_1v8) {
            qemu_log_mask(LOG_GUEST_ERROR, "card: signals at 1.8 V, and the "
                          "card was not switched\n");
        }
        return !s->is_unpowered && !s->supplies_1v8;
    case PHASE_1V8:
        if (!s->supplies_1v8) {
            qemu_log_mask(LOG_GUEST_ERROR, "card: signals at 3.3 V into a card "
                          "at 1.8 V\n");
        }
        return !s->is_unpowered && s->supplies_1v8;
    default:
        return false;
    }
}

bool signalling_holds_low(const Signalling *s)
{
    return s->phase != PHASE_3V3 && s->phase != PHASE_1V8;
}

uint16_t signalling_functions(const Signalling *s)
{
    uint16_t slow = 1 << ACCESS_SDR12 | 1 << ACCESS_SDR25;

    if (s->phase != PHASE_1V8) {
        return slow;
    }
    return slow | 1 << ACCESS_SDR50 | 1 << ACCESS_SDR104 |
           s->has_ddr50 << ACCESS_DDR50;
}

/* The highest clock of an access mode. */
static unsigned highest_rate(uint8_t access)
{
    static const unsigned rates[] = {
        25000000, 50000000, 100000000, 208000000, 50000000
    };

    return access < ARRAY_SIZE(rates) ? rates[access] : 0;
}

bool signalling_carries(const Signalling *s, bool is_1v8, unsigned mode,
                        unsigned hz)
{
    bool samples_both_edges = is_1v8 && mode == ACCESS_DDR50;

    if (samples_both_edges != (s->access == ACCESS_DDR50)) {
        qemu_log_mask(LOG_GUEST_ERROR, "card: access mode %u, and the "
                      "controller's is %u\n", s->access, mode);
        return false;
    }
    if (is_1v8 != (s->phase == PHASE_1V8)) {
        qemu_log_mask(LOG_GUEST_ERROR, "card: the controller expects signals at "
                      "%s\n", is_1v8 ? "1.8 V" : "3.3 V");
        return false;
    }
    if (hz > highest_rate(s->access)) {
        qemu_log_mask(LOG_GUEST_ERROR, "card: a clock of %u Hz in access mode "
                      "%u\n", hz, s->access);
        return false;
    }
    return true;
}
