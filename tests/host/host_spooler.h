/* SPDX-License-Identifier: MIT */
/*
 * host_spooler.h - what MAPI and its spooler do with a message on its way out.
 */
#ifndef HOST_SPOOLER_H
#define HOST_SPOOLER_H

#include "host_mem.h"
#include "host_prop.h"

/* IMAPISupport::PrepareSubmit: of a message that is sent again, who has it already becomes
 * MAPI_P1 with PR_RESPONSIBILITY TRUE, and who has not loses MAPI_SUBMITTED. */
HRESULT host_prepare_submit(const struct host_mem_trio *trio, LPMESSAGE message);

/* Sends a message to all recipients for whom nobody has taken responsibility. */
struct host_transport {
    HRESULT (*send)(void *context, LPMESSAGE message);
    void *context;
};

/* Sends what waits in the outgoing queue, in its order: each message is locked, preprocessed when
 * it must be (an empty act here), opened, given to the transport and finished. A message that is
 * locked elsewhere is left alone; one that the transport refuses is unlocked and stays. Returns the
 * first failure of the store; *out_sent counts those that were sent. */
HRESULT host_spooler_run(const struct host_mem_trio *trio, IMsgStore *spooler,
        const struct host_transport *transport, unsigned *out_sent);

/* What the spooler does with a message that a transport has filled in, in a folder opened through
 * the spooler's store: it is saved as one that has come in just now, and everybody is told. */
HRESULT host_deliver(const struct host_mem_trio *trio, IMsgStore *spooler, LPMESSAGE message);

/* The folder in which messages of any class arrive, opened for changes. */
HRESULT host_receive_folder(
        const struct host_mem_trio *trio, IMsgStore *spooler, IMAPIFolder **out);

/* A transport whose wire leads back: what is sent arrives in the receive folder of the store it was
 * sent from, and every recipient counts as served. */
struct host_loopback {
    const struct host_mem_trio *trio;
    IMsgStore *spooler;
    unsigned delivered;
};

/* host_transport.send; the context is a struct host_loopback. */
HRESULT host_loopback_send(void *context, LPMESSAGE message);

#endif
