/* SPDX-License-Identifier: MIT */
/*
 * host_mem.c - MAPI's allocators and OLE's, counting and strict.
 *
 * Locks: one for all arenas, a leaf. A pointer is looked up in a hash of live blocks before its
 * header is touched, so that a wild or freed pointer is told and not followed.
 */
#include "host_mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host_os.h"

#define GUARD_SIZE 16
#define BUCKETS 8192

struct block {
    struct block *next_in_bucket;
    struct block *root;  /* itself, for a block of MAPIAllocateBuffer */
    struct block *parts; /* of a root: the chain of MAPIAllocateMore */
    size_t size;
    size_t number; /* sequence number in the arena, for a debugger's condition */
    unsigned arena;
    unsigned char *raw; /* what malloc returned for guard, payload, guard */
};

struct arena {
    size_t live, live_bytes, total;
};

static struct host_lock lock;
static struct block *buckets[BUCKETS];
static struct arena arenas[HOST_MEM_ARENAS];
static size_t fail_at; /* 0: not armed */
static bool fail_done;
static void (*on_allocate)(void);
static size_t faults;
static char last_fault[200];

static size_t bucket_of(const void *payload)
{
    return ((uintptr_t)payload >> 4) * 2654435761u % BUCKETS;
}

static unsigned char *payload_of(const struct block *block)
{
    return block->raw + GUARD_SIZE;
}

static struct block *find(const void *payload)
{
    struct block *block = buckets[bucket_of(payload)];

    while (block && payload_of(block) != payload)
        block = block->next_in_bucket;
    return block;
}

static void fault(const char *format, ...) MSP_PRINTF(1, 2);

static void fault(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(last_fault, sizeof(last_fault), format, args);
    va_end(args);
    faults++;
    fprintf(stderr, "host_mem: %s\n", last_fault);
}

static bool guards_hold(const struct block *block)
{
    const unsigned char *end = payload_of(block) + block->size;
    unsigned i;

    for (i = 0; i < GUARD_SIZE; i++) {
        if (block->raw[i] != 0xBD || end[i] != 0xBD)
            return false;
    }
    return true;
}

static bool must_fail(void)
{
    if (fail_at == 0 || --fail_at > 0)
        return false;
    fail_done = true;
    return true;
}

static SCODE allocate(unsigned arena, struct block *root, ULONG size, LPVOID *out)
{
    struct block *block;

    if (must_fail())
        return MAPI_E_NOT_ENOUGH_MEMORY;
    block = calloc(1, sizeof(*block));
    if (block)
        block->raw = malloc((size_t)size + 2 * GUARD_SIZE);
    if (!block || !block->raw) {
        free(block);
        return MAPI_E_NOT_ENOUGH_MEMORY;
    }
    memset(block->raw, 0xBD, GUARD_SIZE);
    memset(block->raw + GUARD_SIZE, 0xCD, size);
    memset(block->raw + GUARD_SIZE + size, 0xBD, GUARD_SIZE);
    block->size = size;
    block->arena = arena;
    block->root = root ? root : block;
    if (root) {
        block->parts = root->parts;
        root->parts = block;
    }
    block->next_in_bucket = buckets[bucket_of(payload_of(block))];
    buckets[bucket_of(payload_of(block))] = block;
    arenas[arena].live++;
    arenas[arena].live_bytes += size;
    block->number = ++arenas[arena].total;
    *out = payload_of(block);
    return S_OK;
}

void host_mem_on_allocate(void (*hook)(void))
{
    on_allocate = hook;
}

static SCODE allocate_buffer(unsigned arena, ULONG size, LPVOID *out)
{
    SCODE sc;

    if (on_allocate)
        on_allocate();
    host_lock_enter(&lock);
    if (!out) {
        fault("MAPIAllocateBuffer was called without a place for the result");
        sc = MAPI_E_INVALID_PARAMETER;
    } else {
        sc = allocate(arena, NULL, size, out);
    }
    host_lock_leave(&lock);
    return sc;
}

static SCODE allocate_more(unsigned arena, ULONG size, LPVOID object, LPVOID *out)
{
    struct block *root;
    SCODE sc = MAPI_E_INVALID_PARAMETER;

    host_lock_enter(&lock);
    root = find(object);
    if (!out || !root)
        fault("MAPIAllocateMore was given a pointer that is no live block");
    else if (root->root != root)
        fault("MAPIAllocateMore was given a block of MAPIAllocateMore");
    else if (root->arena != arena)
        fault("MAPIAllocateMore was given a block of another allocator");
    else
        sc = allocate(arena, root, size, out);
    host_lock_leave(&lock);
    return sc;
}

static void unlink_and_free(struct block *block)
{
    struct block **at = &buckets[bucket_of(payload_of(block))];

    while (*at != block)
        at = &(*at)->next_in_bucket;
    *at = block->next_in_bucket;
    if (!guards_hold(block))
        fault("a block of %zu bytes (allocation %zu) was written past its ends", block->size,
                block->number);
    arenas[block->arena].live--;
    arenas[block->arena].live_bytes -= block->size;
    memset(block->raw, 0xDD, block->size + 2 * GUARD_SIZE);
    free(block->raw);
    free(block);
}

/* Which live block an address falls into; only on the way to a fault. */
static const struct block *find_around(const void *at)
{
    const unsigned char *p = at;
    size_t i;

    for (i = 0; i < BUCKETS; i++) {
        const struct block *block;

        for (block = buckets[i]; block; block = block->next_in_bucket) {
            if (p >= payload_of(block) && p < payload_of(block) + block->size)
                return block;
        }
    }
    return NULL;
}

static ULONG free_buffer(unsigned arena, LPVOID pointer)
{
    struct block *block;
    ULONG result = (ULONG)MAPI_E_INVALID_PARAMETER;

    if (!pointer)
        return S_OK;
    host_lock_enter(&lock);
    block = find(pointer);
    if (!block) {
        fault(find_around(pointer) ? "MAPIFreeBuffer was given a pointer into the middle of a block"
                                   : "MAPIFreeBuffer was given a pointer that is no live block "
                                     "(freed twice?)");
    } else if (block->root != block) {
        fault("MAPIFreeBuffer was given a block of MAPIAllocateMore (allocation %zu)",
                block->number);
    } else if (block->arena != arena) {
        fault("MAPIFreeBuffer was given a block of another allocator");
    } else {
        while (block->parts) {
            struct block *part = block->parts;

            block->parts = part->parts;
            unlink_and_free(part);
        }
        unlink_and_free(block);
        result = S_OK;
    }
    host_lock_leave(&lock);
    return result;
}

static SCODE STDAPICALLTYPE allocate_buffer_0(ULONG size, LPVOID *out)
{
    return allocate_buffer(0, size, out);
}

static SCODE STDAPICALLTYPE allocate_more_0(ULONG size, LPVOID object, LPVOID *out)
{
    return allocate_more(0, size, object, out);
}

static ULONG STDAPICALLTYPE free_buffer_0(LPVOID block)
{
    return free_buffer(0, block);
}

static SCODE STDAPICALLTYPE allocate_buffer_1(ULONG size, LPVOID *out)
{
    return allocate_buffer(1, size, out);
}

static SCODE STDAPICALLTYPE allocate_more_1(ULONG size, LPVOID object, LPVOID *out)
{
    return allocate_more(1, size, object, out);
}

static ULONG STDAPICALLTYPE free_buffer_1(LPVOID block)
{
    return free_buffer(1, block);
}

static SCODE STDAPICALLTYPE allocate_buffer_2(ULONG size, LPVOID *out)
{
    return allocate_buffer(2, size, out);
}

static SCODE STDAPICALLTYPE allocate_more_2(ULONG size, LPVOID object, LPVOID *out)
{
    return allocate_more(2, size, object, out);
}

static ULONG STDAPICALLTYPE free_buffer_2(LPVOID block)
{
    return free_buffer(2, block);
}

const struct host_mem_trio *host_mem_trio(unsigned arena)
{
    static const struct host_mem_trio trios[HOST_MEM_ARENAS] = {
        { allocate_buffer_0, allocate_more_0, free_buffer_0 },
        { allocate_buffer_1, allocate_more_1, free_buffer_1 },
        { allocate_buffer_2, allocate_more_2, free_buffer_2 },
    };

    return &trios[arena];
}

size_t host_mem_live(unsigned arena)
{
    size_t n;

    host_lock_enter(&lock);
    n = arenas[arena].live;
    host_lock_leave(&lock);
    return n;
}

size_t host_mem_live_bytes(unsigned arena)
{
    size_t n;

    host_lock_enter(&lock);
    n = arenas[arena].live_bytes;
    host_lock_leave(&lock);
    return n;
}

size_t host_mem_total(unsigned arena)
{
    size_t n;

    host_lock_enter(&lock);
    n = arenas[arena].total;
    host_lock_leave(&lock);
    return n;
}

size_t host_mem_faults(void)
{
    size_t n;

    host_lock_enter(&lock);
    n = faults;
    host_lock_leave(&lock);
    return n;
}

const char *host_mem_last_fault(void)
{
    return last_fault;
}

void host_mem_faults_clear(void)
{
    host_lock_enter(&lock);
    faults = 0;
    last_fault[0] = 0;
    host_lock_leave(&lock);
}

size_t host_mem_report(unsigned arena, FILE *out)
{
    size_t i, roots = 0;

    host_lock_enter(&lock);
    for (i = 0; i < BUCKETS; i++) {
        const struct block *block, *part;

        for (block = buckets[i]; block; block = block->next_in_bucket) {
            size_t parts = 0;

            if (block->arena != arena || block->root != block)
                continue;
            for (part = block->parts; part; part = part->parts)
                parts++;
            fprintf(out,
                    "host_mem: arena %u, allocation %zu, %zu bytes, %zu parts is still there\n",
                    arena, block->number, block->size, parts);
            roots++;
        }
    }
    host_lock_leave(&lock);
    return roots;
}

bool host_mem_is_root(const void *pointer)
{
    const struct block *block;
    bool is_root;

    host_lock_enter(&lock);
    block = find(pointer);
    is_root = block && block->root == block;
    host_lock_leave(&lock);
    return is_root;
}

bool host_mem_belongs(const void *root, const void *at, size_t size)
{
    const unsigned char *p = at;
    const struct block *block;
    bool found = false;

    host_lock_enter(&lock);
    block = find(root);
    if (block && block->root == block) {
        for (; block && !found; block = block->parts)
            found = p >= payload_of(block) && size <= block->size &&
                    (size_t)(p - payload_of(block)) <= block->size - size;
    }
    host_lock_leave(&lock);
    return found;
}

void host_mem_check(void)
{
    size_t i;

    host_lock_enter(&lock);
    for (i = 0; i < BUCKETS; i++) {
        const struct block *block;

        for (block = buckets[i]; block; block = block->next_in_bucket) {
            if (!guards_hold(block))
                fault("a block of %zu bytes (allocation %zu) was written past its ends",
                        block->size, block->number);
        }
    }
    host_lock_leave(&lock);
}

void host_mem_fail_at(size_t nth)
{
    host_lock_enter(&lock);
    fail_at = nth;
    fail_done = false;
    host_lock_leave(&lock);
}

bool host_mem_fail_done(void)
{
    bool done;

    host_lock_enter(&lock);
    done = fail_done;
    fail_at = 0;
    fail_done = false;
    host_lock_leave(&lock);
    return done;
}

/* ---- IMalloc ---- */

/* In front of every block; MAGIC tells ours from others. */
struct malloc_head {
    size_t size;
    size_t magic;
};

#define MALLOC_MAGIC ((size_t)0x6D616C6C)

_Static_assert(sizeof(struct malloc_head) <= 16, "payload stays aligned");

static struct host_malloc *malloc_from_iface(IMalloc *iface)
{
    return CONTAINING_RECORD(iface, struct host_malloc, IMalloc_iface);
}

static struct malloc_head *head_of(void *payload)
{
    struct malloc_head *head = (struct malloc_head *)(void *)((char *)payload - 16);

    if (head->magic == MALLOC_MAGIC)
        return head;
    host_lock_enter(&lock);
    fault("IMalloc was given a pointer that is not one of its blocks");
    host_lock_leave(&lock);
    return NULL;
}

static HRESULT STDMETHODCALLTYPE malloc_QueryInterface(IMalloc *iface, REFIID iid, void **out)
{
    if (!out)
        return E_POINTER;
    *out = NULL;
    if (!IsEqualGUID(iid, &IID_IUnknown))
        return E_NOINTERFACE;
    iface->lpVtbl->AddRef(iface);
    *out = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE malloc_AddRef(IMalloc *iface)
{
    struct host_malloc *heap = malloc_from_iface(iface);
    unsigned long refs = ++heap->refs, most = heap->most;

    if (refs > most)
        heap->most = refs;
    return (ULONG)refs;
}

static ULONG STDMETHODCALLTYPE malloc_Release(IMalloc *iface)
{
    return (ULONG)--malloc_from_iface(iface)->refs;
}

static void *STDMETHODCALLTYPE malloc_Alloc(IMalloc *iface, SIZE_T size)
{
    char *raw = malloc(size + 16);
    struct malloc_head head = { size, MALLOC_MAGIC };

    if (!raw)
        return NULL;
    memcpy(raw, &head, sizeof(head));
    memset(raw + 16, 0xCD, size);
    malloc_from_iface(iface)->live++;
    return raw + 16;
}

static void STDMETHODCALLTYPE malloc_Free(IMalloc *iface, void *payload)
{
    struct malloc_head *head;

    if (!payload)
        return;
    head = head_of(payload);
    if (!head)
        return;
    head->magic = 0;
    malloc_from_iface(iface)->live--;
    free(head);
}

static void *STDMETHODCALLTYPE malloc_Realloc(IMalloc *iface, void *payload, SIZE_T size)
{
    struct malloc_head *head = payload ? head_of(payload) : NULL;
    void *moved;

    if (payload && !head)
        return NULL;
    if (payload && size == 0) {
        malloc_Free(iface, payload);
        return NULL;
    }
    moved = malloc_Alloc(iface, size);
    if (moved && head) {
        memcpy(moved, payload, head->size < size ? head->size : size);
        malloc_Free(iface, payload);
    }
    return moved;
}

static SIZE_T STDMETHODCALLTYPE malloc_GetSize(IMalloc *iface, void *payload)
{
    struct malloc_head *head = payload ? head_of(payload) : NULL;

    (void)iface;
    return head ? head->size : (SIZE_T)-1;
}

static INT STDMETHODCALLTYPE malloc_DidAlloc(IMalloc *iface, void *payload)
{
    (void)iface;
    return payload && head_of(payload) ? 1 : 0;
}

static void STDMETHODCALLTYPE malloc_HeapMinimize(IMalloc *iface)
{
    (void)iface;
}

static const IMallocVtbl malloc_vtbl = {
    .QueryInterface = malloc_QueryInterface,
    .AddRef = malloc_AddRef,
    .Release = malloc_Release,
    .Alloc = malloc_Alloc,
    .Realloc = malloc_Realloc,
    .Free = malloc_Free,
    .GetSize = malloc_GetSize,
    .DidAlloc = malloc_DidAlloc,
    .HeapMinimize = malloc_HeapMinimize,
};

void host_malloc_init(struct host_malloc *heap)
{
    heap->IMalloc_iface.lpVtbl = &malloc_vtbl;
    heap->refs = 1;
    heap->live = 0;
    heap->most = 1;
}
