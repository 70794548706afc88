/* SPDX-License-Identifier: MIT */
/*
 * mapidefs.h - MAPI's types: property values, rows, restrictions, notifications, allocators.
 *
 * The flags and codes of these types are in mapiflags.h, the interfaces in mapiface.h; both come
 * along with this header.
 */
#ifndef MAPIDEFS_H
#define MAPIDEFS_H

#include "mapi/mapibase.h"

#ifdef __cplusplus
extern "C" {
#endif

/* clang-format off */

/* Dimension of the arrays that end a structure of variable size. */
#ifndef MAPI_DIM
#define MAPI_DIM 1
#endif

/* The convention of provider entry points: C's own, also on x86. */
#ifndef STDMAPIINITCALLTYPE
#define STDMAPIINITCALLTYPE __cdecl
#endif
#define STDINITMETHODIMP        HRESULT STDMAPIINITCALLTYPE
#define STDINITMETHODIMP_(type) type STDMAPIINITCALLTYPE

#ifndef _LPULONG_DEFINED
#define _LPULONG_DEFINED
typedef ULONG *LPULONG;
#endif

#ifndef __LHANDLE
#define __LHANDLE
typedef ULONG_PTR LHANDLE, *LPLHANDLE;
#endif

typedef const IID *LPCIID;

/* ---- Interfaces, by pointer (tables of methods: mapiface.h, mapispi.h, mapix.h) --------------- */

typedef struct IABContainer          IABContainer,          *LPABCONT;
typedef struct IAddrBook             IAddrBook,             *LPADRBOOK;
typedef struct IAttach               IAttach,               *LPATTACH;
typedef struct IDistList             IDistList,             *LPDISTLIST;
typedef struct IMailUser             IMailUser,             *LPMAILUSER;
typedef struct IMAPIAdviseSink       IMAPIAdviseSink,       *LPMAPIADVISESINK;
typedef struct IMAPIClientShutdown   IMAPIClientShutdown,   *LPMAPICLIENTSHUTDOWN;
typedef struct IMAPIContainer        IMAPIContainer,        *LPMAPICONTAINER;
typedef struct IMAPIControl          IMAPIControl,          *LPMAPICONTROL;
typedef struct IMAPIFolder           IMAPIFolder,           *LPMAPIFOLDER;
typedef struct IMAPIProgress         IMAPIProgress,         *LPMAPIPROGRESS;
typedef struct IMAPIProp             IMAPIProp,             *LPMAPIPROP;
typedef struct IMAPIProviderShutdown IMAPIProviderShutdown, *LPMAPIPROVIDERSHUTDOWN;
typedef struct IMAPIStatus           IMAPIStatus,           *LPMAPISTATUS;
typedef struct IMAPITable            IMAPITable,            *LPMAPITABLE;
typedef struct IMessage              IMessage,              *LPMESSAGE;
typedef struct IMsgStore             IMsgStore,             *LPMDB;
typedef struct IProfSect             IProfSect,             *LPPROFSECT;
typedef struct IProviderAdmin        IProviderAdmin,        *LPPROVIDERADMIN;

/* ---- Identifiers ------------------------------------------------------------------------------- */

typedef struct {
    BYTE abFlags[4];
    BYTE ab[MAPI_DIM];
} ENTRYID, *LPENTRYID;

#define CbNewENTRYID(size) (offsetof(ENTRYID, ab) + (size))
#define CbENTRYID(size)    (offsetof(ENTRYID, ab) + (size))
#define SizedENTRYID(size, name) \
    struct _ENTRYID_##name { BYTE abFlags[4]; BYTE ab[size]; } name

typedef struct _MAPIUID {
    BYTE ab[16];
} MAPIUID, *LPMAPIUID;

#define IsEqualMAPIUID(a, b) (memcmp((a), (b), sizeof(MAPIUID)) == 0)

typedef struct _MAPINAMEID {
    LPGUID lpguid;
    ULONG  ulKind;                      /* MNID_ID or MNID_STRING */
    union {
        LONG_PTR lID_Reserved;          /* makes the union a pointer wide */
        LONG     lID;
        LPWSTR   lpwstrName;
    } Kind;
} MAPINAMEID, *LPMAPINAMEID;

/* ---- Property tags and types ------------------------------------------------------------------- */

#define MV_FLAG        0x1000
#define MV_INSTANCE    0x2000           /* one row per value, in tables */
#define MVI_FLAG       (MV_FLAG | MV_INSTANCE)
#define MVI_PROP(tag)  ((tag) | MVI_FLAG)

#define PT_UNSPECIFIED ((ULONG)0x0000)
#define PT_NULL        ((ULONG)0x0001)
#define PT_I2          ((ULONG)0x0002)
#define PT_LONG        ((ULONG)0x0003)
#define PT_R4          ((ULONG)0x0004)
#define PT_DOUBLE      ((ULONG)0x0005)
#define PT_CURRENCY    ((ULONG)0x0006)
#define PT_APPTIME     ((ULONG)0x0007)
#define PT_ERROR       ((ULONG)0x000A)
#define PT_BOOLEAN     ((ULONG)0x000B)
#define PT_OBJECT      ((ULONG)0x000D)
#define PT_I8          ((ULONG)0x0014)
#define PT_STRING8     ((ULONG)0x001E)
#define PT_UNICODE     ((ULONG)0x001F)
#define PT_SYSTIME     ((ULONG)0x0040)
#define PT_CLSID       ((ULONG)0x0048)
#define PT_BINARY      ((ULONG)0x0102)
#define PT_PTR         ((ULONG)0x0103)

#define PT_SHORT       PT_I2
#define PT_I4          PT_LONG
#define PT_FLOAT       PT_R4
#define PT_R8          PT_DOUBLE
#define PT_LONGLONG    PT_I8

#define PT_MV_I2       (MV_FLAG | PT_I2)
#define PT_MV_LONG     (MV_FLAG | PT_LONG)
#define PT_MV_R4       (MV_FLAG | PT_R4)
#define PT_MV_DOUBLE   (MV_FLAG | PT_DOUBLE)
#define PT_MV_CURRENCY (MV_FLAG | PT_CURRENCY)
#define PT_MV_APPTIME  (MV_FLAG | PT_APPTIME)
#define PT_MV_SYSTIME  (MV_FLAG | PT_SYSTIME)
#define PT_MV_STRING8  (MV_FLAG | PT_STRING8)
#define PT_MV_BINARY   (MV_FLAG | PT_BINARY)
#define PT_MV_UNICODE  (MV_FLAG | PT_UNICODE)
#define PT_MV_CLSID    (MV_FLAG | PT_CLSID)
#define PT_MV_I8       (MV_FLAG | PT_I8)

#define PT_MV_SHORT    PT_MV_I2
#define PT_MV_I4       PT_MV_LONG
#define PT_MV_FLOAT    PT_MV_R4
#define PT_MV_R8       PT_MV_DOUBLE
#define PT_MV_LONGLONG PT_MV_I8

/* Names without A or W follow the character set of the translation unit. */
#ifdef UNICODE
#define PT_TSTRING     PT_UNICODE
#define PT_MV_TSTRING  PT_MV_UNICODE
#define LPSZ           lpszW
#define LPPSZ          lppszW
#define MVSZ           MVszW
#define fMapiUnicode   MAPI_UNICODE
#else
#define PT_TSTRING     PT_STRING8
#define PT_MV_TSTRING  PT_MV_STRING8
#define LPSZ           lpszA
#define LPPSZ          lppszA
#define MVSZ           MVszA
#define fMapiUnicode   0
#endif

#define PROP_ID_NULL    0
#define PROP_ID_INVALID 0xFFFF
#define PROP_TYPE_MASK  ((ULONG)0x0000FFFF)

#define PROP_TYPE(tag)              ((ULONG)(tag) & PROP_TYPE_MASK)
#define PROP_ID(tag)                ((ULONG)(tag) >> 16)
#define PROP_TAG(type, id)          (((ULONG)(id) << 16) | (ULONG)(type))
#define CHANGE_PROP_TYPE(tag, type) (((ULONG)0xFFFF0000 & (tag)) | (type))
#define PR_NULL                     PROP_TAG(PT_NULL, PROP_ID_NULL)

/* ---- Property values --------------------------------------------------------------------------- */

#ifndef _CURRENCY_DEFINED
#define _CURRENCY_DEFINED
typedef CY CURRENCY;
#endif

typedef struct _SBinary            { ULONG cb;      LPBYTE         lpb;    } SBinary, *LPSBinary;
typedef struct _SShortArray        { ULONG cValues; short         *lpi;    } SShortArray;
typedef struct _SGuidArray         { ULONG cValues; GUID          *lpguid; } SGuidArray;
typedef struct _SRealArray         { ULONG cValues; float         *lpflt;  } SRealArray;
typedef struct _SLongArray         { ULONG cValues; LONG          *lpl;    } SLongArray;
typedef struct _SLargeIntegerArray { ULONG cValues; LARGE_INTEGER *lpli;   } SLargeIntegerArray;
typedef struct _SDateTimeArray     { ULONG cValues; FILETIME      *lpft;   } SDateTimeArray;
typedef struct _SAppTimeArray      { ULONG cValues; double        *lpat;   } SAppTimeArray;
typedef struct _SCurrencyArray     { ULONG cValues; CURRENCY      *lpcur;  } SCurrencyArray;
typedef struct _SBinaryArray       { ULONG cValues; SBinary       *lpbin;  } SBinaryArray;
typedef struct _SDoubleArray       { ULONG cValues; double        *lpdbl;  } SDoubleArray;
typedef struct _SWStringArray      { ULONG cValues; LPWSTR        *lppszW; } SWStringArray;
typedef struct _SLPSTRArray        { ULONG cValues; LPSTR         *lppszA; } SLPSTRArray;

typedef SBinaryArray ENTRYLIST, *LPENTRYLIST;

typedef union _PV {
    short              i;               /* PT_I2 */
    LONG               l;               /* PT_LONG */
    ULONG              ul;
    LPVOID             lpv;             /* PT_PTR */
    float              flt;             /* PT_R4 */
    double             dbl;             /* PT_DOUBLE */
    unsigned short     b;               /* PT_BOOLEAN */
    CURRENCY           cur;             /* PT_CURRENCY */
    double             at;              /* PT_APPTIME */
    FILETIME           ft;              /* PT_SYSTIME */
    LPSTR              lpszA;           /* PT_STRING8 */
    SBinary            bin;             /* PT_BINARY */
    LPWSTR             lpszW;           /* PT_UNICODE */
    LPGUID             lpguid;          /* PT_CLSID */
    LARGE_INTEGER      li;              /* PT_I8 */
    SShortArray        MVi;
    SLongArray         MVl;
    SRealArray         MVflt;
    SDoubleArray       MVdbl;
    SCurrencyArray     MVcur;
    SAppTimeArray      MVat;
    SDateTimeArray     MVft;
    SBinaryArray       MVbin;
    SLPSTRArray        MVszA;
    SWStringArray      MVszW;
    SGuidArray         MVguid;
    SLargeIntegerArray MVli;
    SCODE              err;             /* PT_ERROR */
    LONG               x;               /* PT_NULL, PT_OBJECT: nothing to read */
} __UPV;

typedef struct _SPropValue {
    ULONG     ulPropTag;
    ULONG     dwAlignPad;
    union _PV Value;
} SPropValue, *LPSPropValue;

typedef struct _SPropTagArray {
    ULONG cValues;
    ULONG aulPropTag[MAPI_DIM];
} SPropTagArray, *LPSPropTagArray;

typedef struct _SPropProblem {
    ULONG ulIndex;                      /* into the array of the call */
    ULONG ulPropTag;
    SCODE scode;
} SPropProblem, *LPSPropProblem;

typedef struct _SPropProblemArray {
    ULONG        cProblem;
    SPropProblem aProblem[MAPI_DIM];
} SPropProblemArray, *LPSPropProblemArray;

#define CbNewSPropTagArray(count) (offsetof(SPropTagArray, aulPropTag) + (count) * sizeof(ULONG))
#define CbSPropTagArray(array)    CbNewSPropTagArray((UINT)(array)->cValues)
#define SizedSPropTagArray(count, name) \
    struct _SPropTagArray_##name { ULONG cValues; ULONG aulPropTag[count]; } name

#define CbNewSPropProblemArray(count) \
    (offsetof(SPropProblemArray, aProblem) + (count) * sizeof(SPropProblem))
#define CbSPropProblemArray(array) CbNewSPropProblemArray((UINT)(array)->cProblem)
#define SizedSPropProblemArray(count, name) \
    struct _SPropProblemArray_##name { ULONG cProblem; SPropProblem aProblem[count]; } name

/* ---- Flat lists, rows, recipients -------------------------------------------------------------- */

typedef struct { ULONG cb; BYTE abEntry[MAPI_DIM]; }                        FLATENTRY,     *LPFLATENTRY;
typedef struct { ULONG cEntries; ULONG cbEntries; BYTE abEntries[MAPI_DIM]; } FLATENTRYLIST, *LPFLATENTRYLIST;
typedef struct { ULONG cb; BYTE ab[MAPI_DIM]; }                             MTSID,         *LPMTSID;
typedef struct { ULONG cMTSIDs; ULONG cbMTSIDs; BYTE abMTSIDs[MAPI_DIM]; }  FLATMTSIDLIST, *LPFLATMTSIDLIST;

#define CbNewFLATENTRY(size)     (offsetof(FLATENTRY, abEntry) + (size))
#define CbFLATENTRY(entry)       (offsetof(FLATENTRY, abEntry) + (entry)->cb)
#define CbNewFLATENTRYLIST(size) (offsetof(FLATENTRYLIST, abEntries) + (size))
#define CbFLATENTRYLIST(list)    (offsetof(FLATENTRYLIST, abEntries) + (list)->cbEntries)
#define CbNewMTSID(size)         (offsetof(MTSID, ab) + (size))
#define CbMTSID(entry)           (offsetof(MTSID, ab) + (entry)->cb)
#define CbNewFLATMTSIDLIST(size) (offsetof(FLATMTSIDLIST, abMTSIDs) + (size))
#define CbFLATMTSIDLIST(list)    (offsetof(FLATMTSIDLIST, abMTSIDs) + (list)->cbMTSIDs)

/* ADRENTRY and SRow have one layout, so that rows can be handed over as recipients. */
typedef struct _ADRENTRY {
    ULONG        ulReserved1;
    ULONG        cValues;
    LPSPropValue rgPropVals;
} ADRENTRY, *LPADRENTRY;

typedef struct _ADRLIST {
    ULONG    cEntries;
    ADRENTRY aEntries[MAPI_DIM];
} ADRLIST, *LPADRLIST;

typedef struct _SRow {
    ULONG        ulAdrEntryPad;
    ULONG        cValues;
    LPSPropValue lpProps;
} SRow, *LPSRow;

typedef struct _SRowSet {
    ULONG cRows;
    SRow  aRow[MAPI_DIM];
} SRowSet, *LPSRowSet;

#define CbNewADRLIST(count) (offsetof(ADRLIST, aEntries) + (count) * sizeof(ADRENTRY))
#define CbADRLIST(list)     CbNewADRLIST((UINT)(list)->cEntries)
#define SizedADRLIST(count, name) \
    struct _ADRLIST_##name { ULONG cEntries; ADRENTRY aEntries[count]; } name

#define CbNewSRowSet(count) (offsetof(SRowSet, aRow) + (count) * sizeof(SRow))
#define CbSRowSet(rows)     CbNewSRowSet((UINT)(rows)->cRows)
#define SizedSRowSet(count, name) \
    struct _SRowSet_##name { ULONG cRows; SRow aRow[count]; } name

typedef struct _flaglist {
    ULONG cFlags;
    ULONG ulFlag[MAPI_DIM];
} FlagList, *LPFlagList;

/* ---- Sort orders, bookmarks, restrictions ------------------------------------------------------ */

typedef ULONG_PTR BOOKMARK;             /* a pointer wide */

typedef struct _SSortOrder {
    ULONG ulPropTag;
    ULONG ulOrder;
} SSortOrder, *LPSSortOrder;

typedef struct _SSortOrderSet {
    ULONG      cSorts;
    ULONG      cCategories;
    ULONG      cExpanded;
    SSortOrder aSort[MAPI_DIM];
} SSortOrderSet, *LPSSortOrderSet;

#define CbNewSSortOrderSet(count) (offsetof(SSortOrderSet, aSort) + (count) * sizeof(SSortOrder))
#define CbSSortOrderSet(set)      CbNewSSortOrderSet((UINT)(set)->cSorts)
#define SizedSSortOrderSet(count, name) \
    struct _SSortOrderSet_##name { \
        ULONG cSorts; ULONG cCategories; ULONG cExpanded; SSortOrder aSort[count]; \
    } name

typedef struct _SRestriction *LPSRestriction;

typedef struct _SAndRestriction          { ULONG cRes;         LPSRestriction lpRes; } SAndRestriction;
typedef struct _SOrRestriction           { ULONG cRes;         LPSRestriction lpRes; } SOrRestriction;
typedef struct _SNotRestriction          { ULONG ulReserved;   LPSRestriction lpRes; } SNotRestriction;
typedef struct _SContentRestriction      { ULONG ulFuzzyLevel; ULONG ulPropTag; LPSPropValue lpProp; } SContentRestriction;
typedef struct _SPropertyRestriction     { ULONG relop;        ULONG ulPropTag; LPSPropValue lpProp; } SPropertyRestriction;
typedef struct _SComparePropsRestriction { ULONG relop;        ULONG ulPropTag1; ULONG ulPropTag2; } SComparePropsRestriction;
typedef struct _SBitMaskRestriction      { ULONG relBMR;       ULONG ulPropTag; ULONG ulMask; } SBitMaskRestriction;
typedef struct _SSizeRestriction         { ULONG relop;        ULONG ulPropTag; ULONG cb; } SSizeRestriction;
typedef struct _SExistRestriction        { ULONG ulReserved1;  ULONG ulPropTag; ULONG ulReserved2; } SExistRestriction;
typedef struct _SSubRestriction          { ULONG ulSubObject;  LPSRestriction lpRes; } SSubRestriction;
typedef struct _SCommentRestriction      { ULONG cValues;      LPSRestriction lpRes; LPSPropValue lpProp; } SCommentRestriction;
typedef struct _SAnnotationRestriction   { ULONG cValues;      LPSRestriction lpRes; LPSPropValue lpProp; } SAnnotationRestriction;
typedef struct _SCountRestriction        { ULONG ulCount;      LPSRestriction lpRes; } SCountRestriction;

typedef struct _SRestriction {
    ULONG rt;                           /* RES_... */
    union {
        SComparePropsRestriction resCompareProps; /* first, for static initializers of three values */
        SAndRestriction          resAnd;
        SOrRestriction           resOr;
        SNotRestriction          resNot;
        SContentRestriction      resContent;
        SPropertyRestriction     resProperty;
        SBitMaskRestriction      resBitMask;
        SSizeRestriction         resSize;
        SExistRestriction        resExist;
        SSubRestriction          resSub;
        SCommentRestriction      resComment;
        SAnnotationRestriction   resAnnotation;
        SCountRestriction        resCount;
    } res;
} SRestriction;

/* ---- Errors and notifications ------------------------------------------------------------------ */

typedef struct _MAPIERROR {
    ULONG  ulVersion;                   /* MAPI_ERROR_VERSION */
    LPTSTR lpszError;                   /* LPWSTR where MAPI_UNICODE was asked for */
    LPTSTR lpszComponent;
    ULONG  ulLowLevelError;
    ULONG  ulContext;
} MAPIERROR, *LPMAPIERROR;

typedef struct _ERROR_NOTIFICATION {
    ULONG       cbEntryID;
    LPENTRYID   lpEntryID;
    SCODE       scode;
    ULONG       ulFlags;                /* 0 or MAPI_UNICODE */
    LPMAPIERROR lpMAPIError;
} ERROR_NOTIFICATION;

typedef struct _NEWMAIL_NOTIFICATION {
    ULONG     cbEntryID;
    LPENTRYID lpEntryID;
    ULONG     cbParentID;
    LPENTRYID lpParentID;
    ULONG     ulFlags;                  /* 0 or MAPI_UNICODE */
    LPTSTR    lpszMessageClass;
    ULONG     ulMessageFlags;
} NEWMAIL_NOTIFICATION;

typedef struct _OBJECT_NOTIFICATION {
    ULONG           cbEntryID;
    LPENTRYID       lpEntryID;
    ULONG           ulObjType;
    ULONG           cbParentID;
    LPENTRYID       lpParentID;
    ULONG           cbOldID;
    LPENTRYID       lpOldID;
    ULONG           cbOldParentID;
    LPENTRYID       lpOldParentID;
    LPSPropTagArray lpPropTagArray;
} OBJECT_NOTIFICATION;

typedef struct _TABLE_NOTIFICATION {
    ULONG      ulTableEvent;            /* TABLE_... */
    HRESULT    hResult;
    SPropValue propIndex;               /* PR_INSTANCE_KEY of the row */
    SPropValue propPrior;               /* ... of the row before it */
    SRow       row;
    ULONG      ulPad;
} TABLE_NOTIFICATION;

typedef struct _EXTENDED_NOTIFICATION {
    ULONG  ulEvent;
    ULONG  cb;
    LPBYTE pbEventParameters;
} EXTENDED_NOTIFICATION;

typedef struct {
    ULONG        cbEntryID;
    LPENTRYID    lpEntryID;
    ULONG        cValues;
    LPSPropValue lpPropVals;
} STATUS_OBJECT_NOTIFICATION;

typedef struct _NOTIFICATION {
    ULONG ulEventType;                  /* fnev... */
    ULONG ulAlignPad;
    union {
        ERROR_NOTIFICATION         err;
        NEWMAIL_NOTIFICATION       newmail;
        OBJECT_NOTIFICATION        obj;
        TABLE_NOTIFICATION         tab;
        EXTENDED_NOTIFICATION      ext;
        STATUS_OBJECT_NOTIFICATION statobj;
    } info;
} NOTIFICATION, *LPNOTIFICATION;

/* ---- Functions handed around ------------------------------------------------------------------- */

typedef SCODE (STDMETHODCALLTYPE ALLOCATEBUFFER)(ULONG size, LPVOID *out);
typedef SCODE (STDMETHODCALLTYPE ALLOCATEMORE)(ULONG size, LPVOID root, LPVOID *out);
typedef ULONG (STDAPICALLTYPE FREEBUFFER)(LPVOID buffer);
typedef ALLOCATEBUFFER *LPALLOCATEBUFFER;
typedef ALLOCATEMORE   *LPALLOCATEMORE;
typedef FREEBUFFER     *LPFREEBUFFER;

typedef LONG (STDAPICALLTYPE NOTIFCALLBACK)(LPVOID context, ULONG count, LPNOTIFICATION events);
typedef NOTIFCALLBACK *LPNOTIFCALLBACK;

typedef BOOL (STDMETHODCALLTYPE ACCELERATEABSDI)(ULONG_PTR ui, LPVOID msg);
typedef void (STDMETHODCALLTYPE DISMISSMODELESS)(ULONG_PTR ui, LPVOID context);
typedef ACCELERATEABSDI *LPFNABSDI;
typedef DISMISSMODELESS *LPFNDISMISS;
typedef SCODE (STDMETHODCALLTYPE *LPFNBUTTON)(ULONG_PTR ui, LPVOID context, ULONG entry_id_size,
        LPENTRYID selection, ULONG flags);

/* What the address book's dialog is told. */
typedef struct _ADRPARM {
    ULONG          cbABContEntryID;
    LPENTRYID      lpABContEntryID;
    ULONG          ulFlags;
    LPVOID         lpReserved;
    ULONG          ulHelpContext;
    LPTSTR         lpszHelpFileName;
    LPFNABSDI      lpfnABSDI;
    LPFNDISMISS    lpfnDismiss;
    LPVOID         lpvDismissContext;
    LPTSTR         lpszCaption;
    LPTSTR         lpszNewEntryTitle;
    LPTSTR         lpszDestWellsTitle;
    ULONG          cDestFields;
    ULONG          nDestFieldFocus;
    LPTSTR        *lppszDestTitles;
    ULONG         *lpulDestComps;
    LPSRestriction lpContRestriction;
    LPSRestriction lpHierRestriction;
} ADRPARM, *LPADRPARM;

/* clang-format on */

#ifdef __cplusplus
}
#endif

#include "mapi/mapidisp.h"
#include "mapi/mapiface.h"
#include "mapi/mapiflags.h"

#endif /* MAPIDEFS_H */
