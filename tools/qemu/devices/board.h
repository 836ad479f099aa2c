/*
 * What raspi4b lacks of the board
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef APUS_BOARD_H
#define APUS_BOARD_H

#include "hw/arm/bcm2838.h"
#include "hw/boards.h"

/* Before the SoC is realized: what its parts are to be like. */
void apus_board_prepare(BCM2838State *soc);
/* Afterwards: devices of our own, over whatever lies at their addresses. */
void apus_board_connect(MachineState *machine, BCM2838State *soc);
/* What the firmware writes into a device tree about those devices. */
void apus_board_describe(void *fdt);

#endif
