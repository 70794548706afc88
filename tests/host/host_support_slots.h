/* SPDX-License-Identifier: MIT */
/*
 * host_support_slots.h - methods of the support object that live in host_support_mail.c and
 * host_invalid.c, for the table in host_support_vtbl.c.
 */
#ifndef HOST_SUPPORT_SLOTS_H
#define HOST_SUPPORT_SLOTS_H

#include "host_support.h"

HRESULT STDMETHODCALLTYPE support_MakeInvalid(
        IMAPISupport *iface, ULONG flags, LPVOID object, ULONG refs, ULONG method_count);
HRESULT STDMETHODCALLTYPE support_SpoolerNotify(IMAPISupport *iface, ULONG flags, LPVOID data);
HRESULT STDMETHODCALLTYPE support_CopyMessages(IMAPISupport *iface, LPCIID src_iid, LPVOID src,
        LPENTRYLIST messages, LPCIID dest_iid, LPVOID dest, ULONG_PTR ui, LPMAPIPROGRESS progress,
        ULONG flags);
HRESULT STDMETHODCALLTYPE support_CopyFolder(IMAPISupport *iface, LPCIID src_iid, LPVOID src,
        ULONG entry_id_size, LPENTRYID entry_id, LPCIID dest_iid, LPVOID dest, LPTSTR new_name,
        ULONG_PTR ui, LPMAPIPROGRESS progress, ULONG flags);
HRESULT STDMETHODCALLTYPE support_DoCopyTo(IMAPISupport *iface, LPCIID src_iid, LPVOID src,
        ULONG exclude_iid_count, LPCIID exclude_iids, LPSPropTagArray exclude_tags, ULONG_PTR ui,
        LPMAPIPROGRESS progress, LPCIID dest_iid, LPVOID dest, ULONG flags,
        LPSPropProblemArray *out_problems);
HRESULT STDMETHODCALLTYPE support_DoCopyProps(IMAPISupport *iface, LPCIID src_iid, LPVOID src,
        LPSPropTagArray tags, ULONG_PTR ui, LPMAPIPROGRESS progress, LPCIID dest_iid, LPVOID dest,
        ULONG flags, LPSPropProblemArray *out_problems);
HRESULT STDMETHODCALLTYPE support_DoProgressDialog(
        IMAPISupport *iface, ULONG_PTR ui, ULONG flags, LPMAPIPROGRESS *out);
HRESULT STDMETHODCALLTYPE support_ReadReceipt(
        IMAPISupport *iface, ULONG flags, LPMESSAGE message, LPMESSAGE *receipt);
HRESULT STDMETHODCALLTYPE support_PrepareSubmit(
        IMAPISupport *iface, LPMESSAGE message, ULONG *flags);
HRESULT STDMETHODCALLTYPE support_ExpandRecips(
        IMAPISupport *iface, LPMESSAGE message, ULONG *out_flags);
HRESULT STDMETHODCALLTYPE support_UpdatePAB(IMAPISupport *iface, ULONG flags, LPMESSAGE message);
HRESULT STDMETHODCALLTYPE support_DoSentMail(IMAPISupport *iface, ULONG flags, LPMESSAGE message);
HRESULT STDMETHODCALLTYPE support_Preprocess(
        IMAPISupport *iface, ULONG flags, ULONG entry_id_size, LPENTRYID entry_id);
HRESULT STDMETHODCALLTYPE support_CompleteMsg(
        IMAPISupport *iface, ULONG flags, ULONG entry_id_size, LPENTRYID entry_id);
HRESULT STDMETHODCALLTYPE support_StoreLogoffTransports(IMAPISupport *iface, ULONG *flags);

/* A NULL where a pointer is required: a breach, and the call's answer. */
HRESULT host_support_bad_argument(
        struct host_support *support, struct host_call *call, const char *what);

#endif
