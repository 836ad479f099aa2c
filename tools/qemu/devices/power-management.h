/*
 * What the boot loader finds in the reset's status
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef APUS_POWER_MANAGEMENT_H
#define APUS_POWER_MANAGEMENT_H

/* Marks the next boot as a trial, in RSTS, or not. */
void apus_power_mark_trial(bool is_trial);

/* Whether the boot under way was marked as one when the reset came. */
bool apus_power_starts_trial(void);

#endif
