/* SPDX-License-Identifier: MIT */
/*
 * module.c - the module's hold on itself.
 *
 * Owns:  one pin of the module while `is_held`.
 * Locks: none; the flag is atomic, and both functions run while the host holds the module too.
 */
#include "com/module.h"

#include <stdatomic.h>

#include "com/object.h"
#include "platform/library.h"

static atomic_bool is_held;

void module_keep_for_shells(void)
{
    if (msp_shell_count() == 0 || atomic_exchange(&is_held, true))
        return;
    if (!msp_module_pin())
        atomic_store(&is_held, false);
}

void module_let_go(void)
{
    if (msp_object_count() == 0 && atomic_exchange(&is_held, false))
        msp_module_unpin();
}
