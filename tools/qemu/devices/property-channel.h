/*
 * What stands in front of QEMU's property channel
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef APUS_PROPERTY_CHANNEL_H
#define APUS_PROPERTY_CHANNEL_H

#include "hw/arm/bcm2835_peripherals.h"

/* Puts it there. */
void apus_property_channel_connect(BCMSocPeripheralBaseState *base);

#endif
