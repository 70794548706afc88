/* SPDX-License-Identifier: MIT */
/*
 * slots.h - the only macros that write functions: typed IUnknown and IMAPIProp thunks, and their
 * vtable slots.
 *
 * A file that implements interface I by struct `type` has a function `type_from_iface(I *)`; `base`
 * is the path from the struct to its struct msp_object (for MSP_UNKNOWN_METHODS) or struct
 * prop_object (for MSP_PROP_METHODS).
 */
#ifndef MSP_COM_SLOTS_H
#define MSP_COM_SLOTS_H

#include "com/object.h"
#include "com/prop.h"

#define MSP_UNKNOWN_METHODS(type, I, base)                                                         \
    static HRESULT STDMETHODCALLTYPE type##_QueryInterface(I *iface, REFIID iid, void **out)       \
    {                                                                                              \
        return msp_object_query(&type##_from_iface(iface)->base, iid, out);                        \
    }                                                                                              \
    static ULONG STDMETHODCALLTYPE type##_AddRef(I *iface)                                         \
    {                                                                                              \
        return msp_object_addref(&type##_from_iface(iface)->base);                                 \
    }                                                                                              \
    static ULONG STDMETHODCALLTYPE type##_Release(I *iface)                                        \
    {                                                                                              \
        return msp_object_release(&type##_from_iface(iface)->base);                                \
    }

#define MSP_UNKNOWN_SLOTS(type)                                                                    \
    .QueryInterface = type##_QueryInterface, .AddRef = type##_AddRef, .Release = type##_Release

#define MSP_PROP_METHODS(type, I, base)                                                            \
    MSP_UNKNOWN_METHODS(type, I, base.object)                                                      \
    static HRESULT STDMETHODCALLTYPE type##_GetLastError(                                          \
            I *iface, HRESULT hr, ULONG flags, LPMAPIERROR *out)                                   \
    {                                                                                              \
        return prop_GetLastError(&type##_from_iface(iface)->base, hr, flags, out);                 \
    }                                                                                              \
    static HRESULT STDMETHODCALLTYPE type##_SaveChanges(I *iface, ULONG flags)                     \
    {                                                                                              \
        return prop_SaveChanges(&type##_from_iface(iface)->base, flags);                           \
    }                                                                                              \
    static HRESULT STDMETHODCALLTYPE type##_GetProps(                                              \
            I *iface, LPSPropTagArray tags, ULONG flags, ULONG *out_count, LPSPropValue *out)      \
    {                                                                                              \
        return prop_GetProps(&type##_from_iface(iface)->base, tags, flags, out_count, out);        \
    }                                                                                              \
    static HRESULT STDMETHODCALLTYPE type##_GetPropList(                                           \
            I *iface, ULONG flags, LPSPropTagArray *out)                                           \
    {                                                                                              \
        return prop_GetPropList(&type##_from_iface(iface)->base, flags, out);                      \
    }                                                                                              \
    static HRESULT STDMETHODCALLTYPE type##_OpenProperty(                                          \
            I *iface, ULONG tag, LPCIID iid, ULONG options, ULONG flags, LPUNKNOWN *out)           \
    {                                                                                              \
        return prop_OpenProperty(&type##_from_iface(iface)->base, tag, iid, options, flags, out);  \
    }                                                                                              \
    static HRESULT STDMETHODCALLTYPE type##_SetProps(                                              \
            I *iface, ULONG count, LPSPropValue values, LPSPropProblemArray *out_problems)         \
    {                                                                                              \
        return prop_SetProps(&type##_from_iface(iface)->base, count, values, out_problems);        \
    }                                                                                              \
    static HRESULT STDMETHODCALLTYPE type##_DeleteProps(                                           \
            I *iface, LPSPropTagArray tags, LPSPropProblemArray *out_problems)                     \
    {                                                                                              \
        return prop_DeleteProps(&type##_from_iface(iface)->base, tags, out_problems);              \
    }                                                                                              \
    static HRESULT STDMETHODCALLTYPE type##_CopyTo(I *iface, ULONG iid_count, LPCIID iids,         \
            LPSPropTagArray exclude, ULONG_PTR ui, LPMAPIPROGRESS progress, LPCIID iid,            \
            LPVOID target, ULONG flags, LPSPropProblemArray *out_problems)                         \
    {                                                                                              \
        return prop_CopyTo(&type##_from_iface(iface)->base, iid_count, iids, exclude, ui,          \
                progress, iid, target, flags, out_problems);                                       \
    }                                                                                              \
    static HRESULT STDMETHODCALLTYPE type##_CopyProps(I *iface, LPSPropTagArray include,           \
            ULONG_PTR ui, LPMAPIPROGRESS progress, LPCIID iid, LPVOID target, ULONG flags,         \
            LPSPropProblemArray *out_problems)                                                     \
    {                                                                                              \
        return prop_CopyProps(&type##_from_iface(iface)->base, include, ui, progress, iid, target, \
                flags, out_problems);                                                              \
    }                                                                                              \
    static HRESULT STDMETHODCALLTYPE type##_GetNamesFromIDs(I *iface, LPSPropTagArray *tags,       \
            LPGUID guid, ULONG flags, ULONG *out_count, LPMAPINAMEID **out_names)                  \
    {                                                                                              \
        return prop_GetNamesFromIDs(                                                               \
                &type##_from_iface(iface)->base, tags, guid, flags, out_count, out_names);         \
    }                                                                                              \
    static HRESULT STDMETHODCALLTYPE type##_GetIDsFromNames(                                       \
            I *iface, ULONG count, LPMAPINAMEID *names, ULONG flags, LPSPropTagArray *out)         \
    {                                                                                              \
        return prop_GetIDsFromNames(&type##_from_iface(iface)->base, count, names, flags, out);    \
    }

#define MSP_PROP_SLOTS(type)                                                                       \
    MSP_UNKNOWN_SLOTS(type),                                                                       \
            .GetLastError = type##_GetLastError, .SaveChanges = type##_SaveChanges,                \
            .GetProps = type##_GetProps, .GetPropList = type##_GetPropList,                        \
            .OpenProperty = type##_OpenProperty, .SetProps = type##_SetProps,                      \
            .DeleteProps = type##_DeleteProps, .CopyTo = type##_CopyTo,                            \
            .CopyProps = type##_CopyProps, .GetNamesFromIDs = type##_GetNamesFromIDs,              \
            .GetIDsFromNames = type##_GetIDsFromNames

#endif
