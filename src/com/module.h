/* SPDX-License-Identifier: MIT */
/*
 * module.h - how long this module stays loaded.
 *
 * Clients may hold dead objects after the host has called FreeLibrary; their AddRef and Release are
 * code in this module. While such shells exist the module holds itself. It cannot let go from
 * inside the last shell's Release, which is running its code; it does so in the next
 * MSProviderInit, or the process ends first.
 */
#ifndef MSP_COM_MODULE_H
#define MSP_COM_MODULE_H

/* From the last Release of a provider object, which comes before the host lets go of the module:
 * stay loaded if somebody still holds shells. No lock held. */
void module_keep_for_shells(void);

/* From MSProviderInit, while the host holds the module: give up the hold when no object of ours
 * exists any more. */
void module_let_go(void);

#endif
