/* SPDX-License-Identifier: MIT */
/*
 * rtf_word.c - control words, sorted, and the charsets of fonts.
 */
#include "mapi/rtf_word.h"

#include <string.h>

/* clang-format off */
static const struct rtf_word words[] = {
    { "aftncn",             RTF_WORD_SKIP, 0, NULL },
    { "aftnsep",            RTF_WORD_SKIP, 0, NULL },
    { "aftnsepc",           RTF_WORD_SKIP, 0, NULL },
    { "annotation",         RTF_WORD_SKIP, 0, NULL },
    { "ansi",               RTF_WORD_CODE_PAGE, 1252, NULL },
    { "ansicpg",            RTF_WORD_CODE_PAGE, 0, NULL },
    { "atnauthor",          RTF_WORD_SKIP, 0, NULL },
    { "atnid",              RTF_WORD_SKIP, 0, NULL },
    { "atnref",             RTF_WORD_SKIP, 0, NULL },
    { "author",             RTF_WORD_SKIP, 0, NULL },
    { "background",         RTF_WORD_SKIP, 0, NULL },
    { "bin",                RTF_WORD_BINARY, 0, NULL },
    { "bkmkend",            RTF_WORD_SKIP, 0, NULL },
    { "bkmkstart",          RTF_WORD_SKIP, 0, NULL },
    { "blipuid",            RTF_WORD_SKIP, 0, NULL },
    { "bullet",             RTF_WORD_CHARACTER, 0x2022, "&bull;" },
    { "buptim",             RTF_WORD_SKIP, 0, NULL },
    { "category",           RTF_WORD_SKIP, 0, NULL },
    { "cell",               RTF_WORD_TAB, 0, NULL },
    { "colorschememapping", RTF_WORD_SKIP, 0, NULL },
    { "colortbl",           RTF_WORD_SKIP, 0, NULL },
    { "column",             RTF_WORD_BREAK, 0, NULL },
    { "comment",            RTF_WORD_SKIP, 0, NULL },
    { "company",            RTF_WORD_SKIP, 0, NULL },
    { "cpg",                RTF_WORD_FONT_PAGE, 0, NULL },
    { "creatim",            RTF_WORD_SKIP, 0, NULL },
    { "datafield",          RTF_WORD_SKIP, 0, NULL },
    { "datastore",          RTF_WORD_SKIP, 0, NULL },
    { "deff",               RTF_WORD_DEFAULT_FONT, 0, NULL },
    { "doccomm",            RTF_WORD_SKIP, 0, NULL },
    { "docvar",             RTF_WORD_SKIP, 0, NULL },
    { "emdash",             RTF_WORD_CHARACTER, 0x2014, "&mdash;" },
    { "emspace",            RTF_WORD_CHARACTER, 0x2003, "&emsp;" },
    { "endash",             RTF_WORD_CHARACTER, 0x2013, "&ndash;" },
    { "enspace",            RTF_WORD_CHARACTER, 0x2002, "&ensp;" },
    { "f",                  RTF_WORD_FONT, 0, NULL },
    { "factoidname",        RTF_WORD_SKIP, 0, NULL },
    { "fcharset",           RTF_WORD_FONT_CHARSET, 0, NULL },
    { "filetbl",            RTF_WORD_SKIP, 0, NULL },
    { "fldinst",            RTF_WORD_SKIP, 0, NULL },
    { "fonttbl",            RTF_WORD_FONTS, 0, NULL },
    { "footer",             RTF_WORD_SKIP, 0, NULL },
    { "footerf",            RTF_WORD_SKIP, 0, NULL },
    { "footerl",            RTF_WORD_SKIP, 0, NULL },
    { "footerr",            RTF_WORD_SKIP, 0, NULL },
    { "footnote",           RTF_WORD_SKIP, 0, NULL },
    { "formfield",          RTF_WORD_SKIP, 0, NULL },
    { "fromhtml",           RTF_WORD_FROM_HTML, 0, NULL },
    { "fromtext",           RTF_WORD_FROM_TEXT, 0, NULL },
    { "ftncn",              RTF_WORD_SKIP, 0, NULL },
    { "ftnsep",             RTF_WORD_SKIP, 0, NULL },
    { "ftnsepc",            RTF_WORD_SKIP, 0, NULL },
    { "generator",          RTF_WORD_SKIP, 0, NULL },
    { "header",             RTF_WORD_SKIP, 0, NULL },
    { "headerf",            RTF_WORD_SKIP, 0, NULL },
    { "headerl",            RTF_WORD_SKIP, 0, NULL },
    { "headerr",            RTF_WORD_SKIP, 0, NULL },
    { "htmlrtf",            RTF_WORD_RTF_ONLY, 0, NULL },
    { "htmltag",            RTF_WORD_TAG, 0, NULL },
    { "info",               RTF_WORD_SKIP, 0, NULL },
    { "keywords",           RTF_WORD_SKIP, 0, NULL },
    { "latentstyles",       RTF_WORD_SKIP, 0, NULL },
    { "ldblquote",          RTF_WORD_CHARACTER, 0x201c, "&ldquo;" },
    { "line",               RTF_WORD_BREAK, 0, NULL },
    { "listoverridetable",  RTF_WORD_SKIP, 0, NULL },
    { "listtable",          RTF_WORD_SKIP, 0, NULL },
    { "lquote",             RTF_WORD_CHARACTER, 0x2018, "&lsquo;" },
    { "ltrmark",            RTF_WORD_CHARACTER, 0x200e, NULL },
    { "mac",                RTF_WORD_CODE_PAGE, 10000, NULL },
    { "manager",            RTF_WORD_SKIP, 0, NULL },
    { "mhtmltag",           RTF_WORD_SKIP, 0, NULL },
    { "mmathPr",            RTF_WORD_SKIP, 0, NULL },
    { "nestcell",           RTF_WORD_TAB, 0, NULL },
    { "nestrow",            RTF_WORD_BREAK, 0, NULL },
    { "nesttableprops",     RTF_WORD_SKIP, 0, NULL },
    { "nextfile",           RTF_WORD_SKIP, 0, NULL },
    { "nonshppict",         RTF_WORD_SKIP, 0, NULL },
    { "objclass",           RTF_WORD_SKIP, 0, NULL },
    { "objdata",            RTF_WORD_SKIP, 0, NULL },
    { "objname",            RTF_WORD_SKIP, 0, NULL },
    { "operator",           RTF_WORD_SKIP, 0, NULL },
    { "page",               RTF_WORD_BREAK, 0, NULL },
    { "par",                RTF_WORD_BREAK, 0, NULL },
    { "pc",                 RTF_WORD_CODE_PAGE, 437, NULL },
    { "pca",                RTF_WORD_CODE_PAGE, 850, NULL },
    { "pgptbl",             RTF_WORD_SKIP, 0, NULL },
    { "picprop",            RTF_WORD_SKIP, 0, NULL },
    { "pict",               RTF_WORD_SKIP, 0, NULL },
    { "plain",              RTF_WORD_PLAIN, 0, NULL },
    { "pntxta",             RTF_WORD_SKIP, 0, NULL },
    { "pntxtb",             RTF_WORD_SKIP, 0, NULL },
    { "printim",            RTF_WORD_SKIP, 0, NULL },
    { "private",            RTF_WORD_SKIP, 0, NULL },
    { "qmspace",            RTF_WORD_CHARACTER, 0x2005, NULL },
    { "rdblquote",          RTF_WORD_CHARACTER, 0x201d, "&rdquo;" },
    { "revtbl",             RTF_WORD_SKIP, 0, NULL },
    { "revtim",             RTF_WORD_SKIP, 0, NULL },
    { "row",                RTF_WORD_BREAK, 0, NULL },
    { "rquote",             RTF_WORD_CHARACTER, 0x2019, "&rsquo;" },
    { "rsidtbl",            RTF_WORD_SKIP, 0, NULL },
    { "rtf",                RTF_WORD_RTF, 0, NULL },
    { "rtlmark",            RTF_WORD_CHARACTER, 0x200f, NULL },
    { "rxe",                RTF_WORD_SKIP, 0, NULL },
    { "sect",               RTF_WORD_BREAK, 0, NULL },
    { "shpinst",            RTF_WORD_SKIP, 0, NULL },
    { "sn",                 RTF_WORD_SKIP, 0, NULL },
    { "softline",           RTF_WORD_BREAK, 0, NULL },
    { "sp",                 RTF_WORD_SKIP, 0, NULL },
    { "stylesheet",         RTF_WORD_SKIP, 0, NULL },
    { "subject",            RTF_WORD_SKIP, 0, NULL },
    { "sv",                 RTF_WORD_SKIP, 0, NULL },
    { "tab",                RTF_WORD_TAB, 0, NULL },
    { "tc",                 RTF_WORD_SKIP, 0, NULL },
    { "template",           RTF_WORD_SKIP, 0, NULL },
    { "themedata",          RTF_WORD_SKIP, 0, NULL },
    { "title",              RTF_WORD_SKIP, 0, NULL },
    { "txe",                RTF_WORD_SKIP, 0, NULL },
    { "u",                  RTF_WORD_UNICODE, 0, NULL },
    { "uc",                 RTF_WORD_FALLBACK, 0, NULL },
    { "userprops",          RTF_WORD_SKIP, 0, NULL },
    { "v",                  RTF_WORD_HIDDEN, 0, NULL },
    { "xe",                 RTF_WORD_SKIP, 0, NULL },
    { "xmlnstbl",           RTF_WORD_SKIP, 0, NULL },
    { "zwj",                RTF_WORD_CHARACTER, 0x200d, NULL },
    { "zwnj",               RTF_WORD_CHARACTER, 0x200c, NULL },
};

/* clang-format on */

const struct rtf_word *rtf_word_find(const char *name, size_t size)
{
    size_t low = 0;
    size_t high = sizeof(words) / sizeof(words[0]);

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = strncmp(words[mid].name, name, size);

        if (order == 0 && words[mid].name[size] != '\0')
            order = 1;
        if (order == 0)
            return &words[mid];
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

static const struct {
    uint16_t charset;
    uint16_t page;
} charsets[] = {
    { 0, 1252 },
    { 77, 10000 },
    { 78, 10001 },
    { 79, 10003 },
    { 80, 10008 },
    { 81, 10002 },
    { 83, 10005 },
    { 84, 10004 },
    { 85, 10006 },
    { 86, 10081 },
    { 87, 10021 },
    { 88, 10029 },
    { 89, 10007 },
    { 128, 932 },
    { 129, 949 },
    { 130, 1361 },
    { 134, 936 },
    { 136, 950 },
    { 161, 1253 },
    { 162, 1254 },
    { 163, 1258 },
    { 177, 1255 },
    { 178, 1256 },
    { 186, 1257 },
    { 204, 1251 },
    { 222, 874 },
    { 238, 1250 },
    { 254, 437 },
    { 255, 850 },
};

unsigned rtf_charset_page(uint32_t charset)
{
    for (size_t i = 0; i < sizeof(charsets) / sizeof(charsets[0]); i++) {
        if (charsets[i].charset == charset)
            return charsets[i].page;
    }
    return 0;
}
