/*
 * The small devices, by name
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef APUS_DEVICES_H
#define APUS_DEVICES_H

#define TYPE_POWER_MANAGEMENT "apus-power-management"
#define TYPE_RNG200 "apus-rng200"
#define TYPE_AVS_MONITOR "apus-avs-monitor"
#define TYPE_FIRMWARE "apus-firmware"

#endif
