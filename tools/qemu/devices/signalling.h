/*
 * The voltage of a card's signals, and how fast they may be
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef APUS_SIGNALLING_H
#define APUS_SIGNALLING_H

#include "hw/sd/sd.h"

/* Functions of CMD6's group 1 (SD Physical Layer 6.00, table 4-11). */
#define ACCESS_SDR12 0
#define ACCESS_SDR25 1
#define ACCESS_SDR50 2
#define ACCESS_SDR104 3
#define ACCESS_DDR50 4

typedef enum Phase {
    PHASE_3V3,
    PHASE_ASKED,        /* CMD11 was answered: the card holds its lines low */
    PHASE_STOPPED,      /* and the clock stands */
    PHASE_STUCK,        /* the switch failed: only power helps */
    PHASE_1V8,
} Phase;

/* What a card has of it. */
typedef struct Signalling {
    bool is_uhs;        /* it can do 1.8 V */
    bool sticks;        /* it never comes out of the switch */
    bool has_ddr50;
    bool is_unpowered;
    bool supplies_1v8;  /* what the board's regulator gives */
    Phase phase;
    uint8_t access;     /* the access mode in use */
    bool is_silent;     /* it could not read what it was to send */
} Signalling;

/* The power has come back: everything as after it was first applied. */
void signalling_restart(Signalling *s);
/* Whether ACMD41 agrees to switch. */
bool signalling_can_switch(const Signalling *s);
/* CMD11. */
void signalling_begin(Signalling *s);
/* The controller starts or stops the clock. */
void signalling_clock(Signalling *s, bool runs);
/* Whether the card hears commands. */
bool signalling_hears(const Signalling *s);
/* Whether it holds its lines low. */
bool signalling_holds_low(const Signalling *s);
/* The functions of group 1 that it has now, a bit each. */
uint16_t signalling_functions(const Signalling *s);
/* Whether data arrive as they were sent, from a controller in `mode`. */
bool signalling_carries(const Signalling *s, bool is_1v8, unsigned mode,
                        unsigned hz);

/* That of the card on a bus; NULL when there is no card. */
Signalling *sdbus_signalling(SDBus *bus);
/* In sd.c. */
Signalling *sd_signalling(SDState *sd);
/* Switches the power of the card on a bus. */
void sdbus_set_power(SDBus *bus, bool is_on);
void sd_set_power(SDState *sd, bool is_on);

#endif
