/* SPDX-License-Identifier: MIT */
/*
 * host_admin.h - IProviderAdmin as a service entry gets it.
 */
#ifndef HOST_ADMIN_H
#define HOST_ADMIN_H

#include "host_world.h"

struct host_admin {
    IProviderAdmin IProviderAdmin_iface;
    _Atomic long refs; /* starts at 1, the host's */
    struct host_world *world;
    MAPIUID section; /* what a NULL uid means: the section being configured */
};

void host_admin_init(struct host_admin *admin, struct host_world *world, const MAPIUID *section);

#endif
