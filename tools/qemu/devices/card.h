/*
 * What EMMC2 sees of memory, and what supplies its card
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef APUS_CARD_H
#define APUS_CARD_H

#include "hw/arm/bcm2838_peripherals.h"

/* Before the controller is realized. */
void apus_card_prepare(BCM2838PeripheralState *low);

/* When the firmware is realized. */
void apus_card_connect(BCM2838PeripheralState *low, DeviceState *firmware);

#endif
