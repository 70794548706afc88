/* SPDX-License-Identifier: MIT */
/*
 * fuzz_restrict_pack.c - restrictions as a store file might hold them: any bytes.
 *
 * What is refused leaves nothing; what is taken can be packed again, and is then the same for good.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mapi/restrict.h"
#include "mapi/restrict_pack.h"
#include "util/alloc.h"
#include "util/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

static SCODE STDMETHODCALLTYPE host_allocate(ULONG size, LPVOID *out)
{
    *out = malloc(size);
    return *out != NULL ? S_OK : MAPI_E_NOT_ENOUGH_MEMORY;
}

static SCODE STDMETHODCALLTYPE host_allocate_more(ULONG size, LPVOID root, LPVOID *out)
{
    (void)size;
    (void)root;
    *out = NULL;
    return MAPI_E_NOT_ENOUGH_MEMORY;
}

static ULONG STDAPICALLTYPE host_free(LPVOID block)
{
    free(block);
    return 0;
}

/* The tree packed again. Fails when it is none that a search could have, or without memory. */
static HRESULT pack_again(const void *packed, size_t packed_size, struct msp_buf *out)
{
    struct restrict_program *program = NULL;
    SRestriction *tree = NULL;
    HRESULT hr = restrict_unpack_own(packed, packed_size, &tree);

    REQUIRE(SUCCEEDED(hr) == (tree != NULL));
    if (SUCCEEDED(hr))
        hr = restrict_compile(tree, &program);
    if (SUCCEEDED(hr)) {
        hr = restrict_pack(tree, out);
        REQUIRE(hr == S_OK || hr == MAPI_E_NOT_ENOUGH_MEMORY);
    }
    restrict_free(program);
    msp_free(tree);
    return hr;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct mapi_alloc host = { host_allocate, host_allocate_more, host_free };
    struct msp_buf first = MSP_BUF_INIT;
    struct msp_buf second = MSP_BUF_INIT;

    for (int unicode = 0; unicode < 2; unicode++) {
        SRestriction *tree = NULL;

        if (SUCCEEDED(restrict_unpack(&host, data, size, unicode != 0, &tree)))
            (void)host_free(tree);
        else
            REQUIRE(tree == NULL);
    }
    if (SUCCEEDED(pack_again(data, size, &first))) {
        HRESULT hr = pack_again(first.data, first.size, &second);

        REQUIRE(hr == S_OK || hr == MAPI_E_NOT_ENOUGH_MEMORY);
        REQUIRE(FAILED(hr) || first.size == second.size);
        REQUIRE(FAILED(hr) || memcmp(first.data, second.data, first.size) == 0);
    }
    msp_buf_free(&first);
    msp_buf_free(&second);
    return 0;
}
