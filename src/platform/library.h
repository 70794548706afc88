/* SPDX-License-Identifier: MIT */
/*
 * library.h - other shared libraries, and the one this code is in.
 */
#ifndef MSP_PLATFORM_LIBRARY_H
#define MSP_PLATFORM_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

struct msp_library {
    void *handle; /* the system's; NULL: not open */
};

/* Any function, to be cast to its true type by the caller. */
typedef void msp_proc(void);

/*
 * Opens a library. `name` is a full path, or a plain file name, which is looked for among the
 * system's libraries and then in the folder of this module: never in the current folder, PATH or
 * the folder of the host program. A relative path is refused. False when it is not there or cannot
 * be loaded; out->handle is NULL then.
 */
bool msp_library_open(struct msp_library *out, const char *name);

/* Closes the library; nothing of it may be in use. Accepts one that is not open. */
void msp_library_close(struct msp_library *library);

/* The function of that name, or NULL. */
msp_proc *msp_library_symbol(const struct msp_library *library, const char *name);

/* Full path of the file this code was loaded from, in UTF-8; size needed with NUL, 0: unknown. */
size_t msp_module_path(char *out, size_t out_size);

/*
 * Keeps this module loaded until msp_module_unpin, whoever else lets go of it. Pins are counted.
 * False when the system refuses.
 */
bool msp_module_pin(void);

/*
 * Drops one pin. When it is the last reference to the module, its code is gone before this call
 * can return: call it only inside an entry during which somebody else must hold the module, such
 * as MSProviderInit or IMSProvider::Shutdown, and not from the Release of an orphan, which keeps
 * running our code after its count is zero.
 */
void msp_module_unpin(void);

/* The system's number of this process. */
unsigned long msp_process_id(void);

/*
 * Whether the process is on its way out: other threads may be gone with locks held, so nothing may
 * be waited for or freed. True after msp_process_set_dying, and on Windows as soon as the system
 * says so.
 */
bool msp_process_is_dying(void);

/* Marks the process as dying (fast shutdown, DLL detach at process end). Cannot be undone. */
void msp_process_set_dying(void);

#endif
