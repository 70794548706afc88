/* SPDX-License-Identifier: MIT */
/*
 * win_base.h - the few Win32 and COM base types that MAPI is made of, for native builds.
 *
 * Same names, same sizes and same values as the Windows SDK has them on a 64-bit machine: LONG has
 * 32 bits although the machine's long has 64, WCHAR has 16. Calling conventions are the machine's
 * only one. Nothing here is used on Windows.
 */
#ifndef MSP_WIN_BASE_H
#define MSP_WIN_BASE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifndef __cplusplus
#include <uchar.h>
#endif

#ifdef __cplusplus
#define EXTERN_C extern "C"
extern "C" {
#else
#define EXTERN_C extern
#endif

/* Calling conventions: one machine, one convention. */
#define WINAPI
#define APIENTRY
#define CALLBACK
#define STDMETHODCALLTYPE
#define STDAPICALLTYPE
#define STDMAPIINITCALLTYPE

/* clang-format off */

/* ---- Numbers, handles, strings ------------------------------------------------------------- */

typedef unsigned char  BYTE;
typedef unsigned char  UCHAR;
typedef unsigned char  BOOLEAN;
typedef char           CHAR;
typedef char16_t       WCHAR;
typedef short          SHORT;
typedef unsigned short USHORT;
typedef unsigned short WORD;
typedef int            INT;
typedef unsigned int   UINT;
typedef int            LONG;
typedef unsigned int   ULONG;
typedef unsigned int   DWORD;
typedef int            BOOL;
typedef int64_t        LONGLONG;
typedef uint64_t       ULONGLONG;
typedef intptr_t       LONG_PTR;
typedef uintptr_t      ULONG_PTR;
typedef uintptr_t      UINT_PTR;
typedef uintptr_t      DWORD_PTR;
typedef size_t         SIZE_T;
typedef float          FLOAT;
typedef double         DOUBLE;
typedef LONG           HRESULT;
typedef LONG           SCODE;
typedef DWORD          LCID;
typedef void          *HANDLE;
typedef void          *HINSTANCE;
typedef void          *HMODULE;
typedef void          *HWND;

typedef void           *LPVOID;
typedef const void     *LPCVOID;
typedef BYTE           *LPBYTE;
typedef LONG           *LPLONG;
typedef DWORD          *LPDWORD;
typedef CHAR           *LPSTR;
typedef const CHAR     *LPCSTR;
typedef WCHAR          *LPWSTR;
typedef const WCHAR    *LPCWSTR;
typedef WCHAR          *LPOLESTR;
typedef const WCHAR    *LPCOLESTR;
typedef WCHAR           OLECHAR;

#ifdef UNICODE
typedef WCHAR           TCHAR;
#else
typedef CHAR            TCHAR;
#endif
typedef TCHAR          *LPTSTR;
typedef const TCHAR    *LPCTSTR;

#ifndef FALSE
#define FALSE 0
#endif
#ifndef TRUE
#define TRUE 1
#endif
#ifndef MAX_PATH
#define MAX_PATH 260
#endif

#define CONTAINING_RECORD(address, type, field) \
    ((type *)(void *)((char *)(address) - offsetof(type, field)))

/* ---- Structures ---------------------------------------------------------------------------- */

typedef struct _FILETIME {
    DWORD dwLowDateTime;
    DWORD dwHighDateTime;
} FILETIME, *LPFILETIME;

/* The members without a name are C11's; in C++ they would be an extension. */
typedef union _LARGE_INTEGER {
#ifndef __cplusplus
    struct {
        DWORD LowPart;
        LONG  HighPart;
    };
#endif
    struct {
        DWORD LowPart;
        LONG  HighPart;
    } u;
    LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;

typedef union _ULARGE_INTEGER {
#ifndef __cplusplus
    struct {
        DWORD LowPart;
        DWORD HighPart;
    };
#endif
    struct {
        DWORD LowPart;
        DWORD HighPart;
    } u;
    ULONGLONG QuadPart;
} ULARGE_INTEGER, *PULARGE_INTEGER;

typedef union tagCY {
#ifndef __cplusplus
    struct {
        ULONG Lo;
        LONG  Hi;
    };
#endif
    LONGLONG int64;
} CY;

typedef struct _GUID {
    ULONG  Data1;
    USHORT Data2;
    USHORT Data3;
    BYTE   Data4[8];
} GUID, *LPGUID;

typedef GUID        IID;
typedef GUID        CLSID;
typedef IID        *LPIID;
typedef CLSID      *LPCLSID;
typedef const GUID *LPCGUID;

#ifdef __cplusplus
typedef const GUID &REFGUID;
typedef const IID  &REFIID;
#define IsEqualGUID(a, b) (memcmp(&(a), &(b), sizeof(GUID)) == 0)
#else
typedef const GUID *REFGUID;
typedef const IID  *REFIID;
#define IsEqualGUID(a, b) (memcmp((a), (b), sizeof(GUID)) == 0)
#endif
#define IsEqualIID(a, b)   IsEqualGUID(a, b)
#define IsEqualCLSID(a, b) IsEqualGUID(a, b)

#define DEFINE_GUID(name, l, w1, w2, b1, b2, b3, b4, b5, b6, b7, b8) EXTERN_C const GUID name
#define DEFINE_OLEGUID(name, l, w1, w2) \
    DEFINE_GUID(name, l, w1, w2, 0xC0, 0, 0, 0, 0, 0, 0, 0x46)

/* ---- Results ------------------------------------------------------------------------------- */

#define SUCCEEDED(hr)          ((HRESULT)(hr) >= 0)
#define FAILED(hr)             ((HRESULT)(hr) < 0)
#define HRESULT_CODE(hr)       ((hr) & 0xFFFF)
#define HRESULT_FACILITY(hr)   (((hr) >> 16) & 0x1FFF)
#define HRESULT_SEVERITY(hr)   (((ULONG)(hr) >> 31) & 1)
#define MAKE_HRESULT(sev, fac, code) \
    ((HRESULT)(((ULONG)(sev) << 31) | ((ULONG)(fac) << 16) | (ULONG)(code)))
#define GetScode(hr)           ((SCODE)(hr))
#define ResultFromScode(sc)    ((HRESULT)(sc))

#define SEVERITY_SUCCESS 0
#define SEVERITY_ERROR   1
#define FACILITY_NULL    0
#define FACILITY_STORAGE 3
#define FACILITY_ITF     4
#define FACILITY_WIN32   7

#define NOERROR          ((HRESULT)0x00000000)
#define S_OK             ((HRESULT)0x00000000)
#define S_FALSE          ((HRESULT)0x00000001)
#define E_NOTIMPL        ((HRESULT)0x80004001)
#define E_NOINTERFACE    ((HRESULT)0x80004002)
#define E_POINTER        ((HRESULT)0x80004003)
#define E_ABORT          ((HRESULT)0x80004004)
#define E_FAIL           ((HRESULT)0x80004005)
#define E_UNEXPECTED     ((HRESULT)0x8000FFFF)
#define E_ACCESSDENIED   ((HRESULT)0x80070005)
#define E_HANDLE         ((HRESULT)0x80070006)
#define E_OUTOFMEMORY    ((HRESULT)0x8007000E)
#define E_INVALIDARG     ((HRESULT)0x80070057)

#define STG_E_INVALIDFUNCTION    ((HRESULT)0x80030001)
#define STG_E_FILENOTFOUND       ((HRESULT)0x80030002)
#define STG_E_PATHNOTFOUND       ((HRESULT)0x80030003)
#define STG_E_TOOMANYOPENFILES   ((HRESULT)0x80030004)
#define STG_E_ACCESSDENIED       ((HRESULT)0x80030005)
#define STG_E_INVALIDHANDLE      ((HRESULT)0x80030006)
#define STG_E_INSUFFICIENTMEMORY ((HRESULT)0x80030008)
#define STG_E_INVALIDPOINTER     ((HRESULT)0x80030009)
#define STG_E_SEEKERROR          ((HRESULT)0x80030019)
#define STG_E_WRITEFAULT         ((HRESULT)0x8003001D)
#define STG_E_READFAULT          ((HRESULT)0x8003001E)
#define STG_E_SHAREVIOLATION     ((HRESULT)0x80030020)
#define STG_E_LOCKVIOLATION      ((HRESULT)0x80030021)
#define STG_E_FILEALREADYEXISTS  ((HRESULT)0x80030050)
#define STG_E_INVALIDPARAMETER   ((HRESULT)0x80030057)
#define STG_E_MEDIUMFULL         ((HRESULT)0x80030070)
#define STG_E_INVALIDNAME        ((HRESULT)0x800300FC)
#define STG_E_UNKNOWN            ((HRESULT)0x800300FD)
#define STG_E_UNIMPLEMENTEDFUNCTION ((HRESULT)0x800300FE)
#define STG_E_INVALIDFLAG        ((HRESULT)0x800300FF)
#define STG_E_INUSE              ((HRESULT)0x80030100)
#define STG_E_NOTCURRENT         ((HRESULT)0x80030101)
#define STG_E_REVERTED           ((HRESULT)0x80030102)
#define STG_E_CANTSAVE           ((HRESULT)0x80030103)

/* ---- Streams and storages: constants -------------------------------------------------------- */

#define STGM_READ             0x00000000
#define STGM_WRITE            0x00000001
#define STGM_READWRITE        0x00000002
#define STGM_SHARE_EXCLUSIVE  0x00000010
#define STGM_SHARE_DENY_WRITE 0x00000020
#define STGM_SHARE_DENY_READ  0x00000030
#define STGM_SHARE_DENY_NONE  0x00000040
#define STGM_CREATE           0x00001000
#define STGM_TRANSACTED       0x00010000
#define STGM_CONVERT          0x00020000
#define STGM_PRIORITY         0x00040000
#define STGM_FAILIFTHERE      0x00000000
#define STGM_DIRECT           0x00000000
#define STGM_DELETEONRELEASE  0x04000000

typedef enum tagSTREAM_SEEK { STREAM_SEEK_SET = 0, STREAM_SEEK_CUR = 1, STREAM_SEEK_END = 2 } STREAM_SEEK;

typedef enum tagSTATFLAG { STATFLAG_DEFAULT = 0, STATFLAG_NONAME = 1, STATFLAG_NOOPEN = 2 } STATFLAG;

typedef enum tagSTGTY { STGTY_STORAGE = 1, STGTY_STREAM = 2, STGTY_LOCKBYTES = 3, STGTY_PROPERTY = 4 } STGTY;

typedef enum tagSTGC {
    STGC_DEFAULT = 0,
    STGC_OVERWRITE = 1,
    STGC_ONLYIFCURRENT = 2,
    STGC_DANGEROUSLYCOMMITMERELYTODISKCACHE = 4,
    STGC_CONSOLIDATE = 8
} STGC;

typedef enum tagSTGMOVE { STGMOVE_MOVE = 0, STGMOVE_COPY = 1, STGMOVE_SHALLOWCOPY = 2 } STGMOVE;

typedef enum tagLOCKTYPE { LOCK_WRITE = 1, LOCK_EXCLUSIVE = 2, LOCK_ONLYONCE = 4 } LOCKTYPE;

typedef struct tagSTATSTG {
    LPOLESTR       pwcsName;
    DWORD          type;
    ULARGE_INTEGER cbSize;
    FILETIME       mtime;
    FILETIME       ctime;
    FILETIME       atime;
    DWORD          grfMode;
    DWORD          grfLocksSupported;
    CLSID          clsid;
    DWORD          grfStateBits;
    DWORD          reserved;
} STATSTG;

typedef WCHAR **SNB;

/* ---- Interfaces ----------------------------------------------------------------------------- */

typedef struct IUnknown          IUnknown,          *LPUNKNOWN;
typedef struct IMalloc           IMalloc,           *LPMALLOC;
typedef struct ISequentialStream ISequentialStream;
typedef struct IStream           IStream,           *LPSTREAM;
typedef struct IStorage          IStorage,          *LPSTORAGE;
typedef struct IEnumSTATSTG      IEnumSTATSTG;

#define WIN_BASE_UNKNOWN_METHODS(I)                                                     \
    HRESULT (STDMETHODCALLTYPE *QueryInterface)(I *This, REFIID riid, void **out); \
    ULONG (STDMETHODCALLTYPE *AddRef)(I *This);                                    \
    ULONG (STDMETHODCALLTYPE *Release)(I *This);

#define MSP_SEQUENTIAL_STREAM_METHODS(I)                                                   \
    HRESULT (STDMETHODCALLTYPE *Read)(I *This, void *buf, ULONG size, ULONG *out_read);    \
    HRESULT (STDMETHODCALLTYPE *Write)(I *This, const void *buf, ULONG size, ULONG *out_written);

typedef struct IUnknownVtbl {
    WIN_BASE_UNKNOWN_METHODS(IUnknown)
} IUnknownVtbl;

typedef struct IMallocVtbl {
    WIN_BASE_UNKNOWN_METHODS(IMalloc)
    void *(STDMETHODCALLTYPE *Alloc)(IMalloc *This, SIZE_T size);
    void *(STDMETHODCALLTYPE *Realloc)(IMalloc *This, void *mem, SIZE_T size);
    void (STDMETHODCALLTYPE *Free)(IMalloc *This, void *mem);
    SIZE_T (STDMETHODCALLTYPE *GetSize)(IMalloc *This, void *mem);
    int (STDMETHODCALLTYPE *DidAlloc)(IMalloc *This, void *mem);
    void (STDMETHODCALLTYPE *HeapMinimize)(IMalloc *This);
} IMallocVtbl;

typedef struct ISequentialStreamVtbl {
    WIN_BASE_UNKNOWN_METHODS(ISequentialStream)
    MSP_SEQUENTIAL_STREAM_METHODS(ISequentialStream)
} ISequentialStreamVtbl;

typedef struct IStreamVtbl {
    WIN_BASE_UNKNOWN_METHODS(IStream)
    MSP_SEQUENTIAL_STREAM_METHODS(IStream)
    HRESULT (STDMETHODCALLTYPE *Seek)(IStream *This, LARGE_INTEGER move, DWORD origin,
            ULARGE_INTEGER *out_position);
    HRESULT (STDMETHODCALLTYPE *SetSize)(IStream *This, ULARGE_INTEGER size);
    HRESULT (STDMETHODCALLTYPE *CopyTo)(IStream *This, IStream *target, ULARGE_INTEGER size,
            ULARGE_INTEGER *out_read, ULARGE_INTEGER *out_written);
    HRESULT (STDMETHODCALLTYPE *Commit)(IStream *This, DWORD flags);
    HRESULT (STDMETHODCALLTYPE *Revert)(IStream *This);
    HRESULT (STDMETHODCALLTYPE *LockRegion)(IStream *This, ULARGE_INTEGER offset,
            ULARGE_INTEGER size, DWORD type);
    HRESULT (STDMETHODCALLTYPE *UnlockRegion)(IStream *This, ULARGE_INTEGER offset,
            ULARGE_INTEGER size, DWORD type);
    HRESULT (STDMETHODCALLTYPE *Stat)(IStream *This, STATSTG *out, DWORD flags);
    HRESULT (STDMETHODCALLTYPE *Clone)(IStream *This, IStream **out);
} IStreamVtbl;

typedef struct IStorageVtbl {
    WIN_BASE_UNKNOWN_METHODS(IStorage)
    HRESULT (STDMETHODCALLTYPE *CreateStream)(IStorage *This, const OLECHAR *name, DWORD mode,
            DWORD reserved1, DWORD reserved2, IStream **out);
    HRESULT (STDMETHODCALLTYPE *OpenStream)(IStorage *This, const OLECHAR *name, void *reserved1,
            DWORD mode, DWORD reserved2, IStream **out);
    HRESULT (STDMETHODCALLTYPE *CreateStorage)(IStorage *This, const OLECHAR *name, DWORD mode,
            DWORD reserved1, DWORD reserved2, IStorage **out);
    HRESULT (STDMETHODCALLTYPE *OpenStorage)(IStorage *This, const OLECHAR *name,
            IStorage *priority, DWORD mode, SNB exclude, DWORD reserved, IStorage **out);
    HRESULT (STDMETHODCALLTYPE *CopyTo)(IStorage *This, DWORD exclude_count, const IID *exclude,
            SNB exclude_names, IStorage *target);
    HRESULT (STDMETHODCALLTYPE *MoveElementTo)(IStorage *This, const OLECHAR *name,
            IStorage *target, const OLECHAR *new_name, DWORD flags);
    HRESULT (STDMETHODCALLTYPE *Commit)(IStorage *This, DWORD flags);
    HRESULT (STDMETHODCALLTYPE *Revert)(IStorage *This);
    HRESULT (STDMETHODCALLTYPE *EnumElements)(IStorage *This, DWORD reserved1, void *reserved2,
            DWORD reserved3, IEnumSTATSTG **out);
    HRESULT (STDMETHODCALLTYPE *DestroyElement)(IStorage *This, const OLECHAR *name);
    HRESULT (STDMETHODCALLTYPE *RenameElement)(IStorage *This, const OLECHAR *old_name,
            const OLECHAR *new_name);
    HRESULT (STDMETHODCALLTYPE *SetElementTimes)(IStorage *This, const OLECHAR *name,
            const FILETIME *created, const FILETIME *accessed, const FILETIME *modified);
    HRESULT (STDMETHODCALLTYPE *SetClass)(IStorage *This, const CLSID *clsid);
    HRESULT (STDMETHODCALLTYPE *SetStateBits)(IStorage *This, DWORD bits, DWORD mask);
    HRESULT (STDMETHODCALLTYPE *Stat)(IStorage *This, STATSTG *out, DWORD flags);
} IStorageVtbl;

struct IUnknown          { const IUnknownVtbl          *lpVtbl; };
struct IMalloc           { const IMallocVtbl           *lpVtbl; };
struct ISequentialStream { const ISequentialStreamVtbl *lpVtbl; };
struct IStream           { const IStreamVtbl           *lpVtbl; };
struct IStorage          { const IStorageVtbl          *lpVtbl; };

EXTERN_C const IID IID_IUnknown;
EXTERN_C const IID IID_IMalloc;
EXTERN_C const IID IID_ISequentialStream;
EXTERN_C const IID IID_IStream;
EXTERN_C const IID IID_IStorage;
EXTERN_C const IID GUID_NULL;
#define IID_NULL GUID_NULL

/* clang-format on */

#ifdef __cplusplus
}
#endif

#endif /* MSP_WIN_BASE_H */
