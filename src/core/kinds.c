#include "lockstep/core/kinds.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { EVERY = LS_KINDS_EVERY };

static uint32_t bit(int kind)
{
    return UINT32_C(1) << (unsigned)kind;
}

bool ls_kinds_has(uint32_t kinds, enum ls_kind kind)
{
    return kinds == 0 || (kinds & bit((int)kind)) != 0;
}

uint32_t ls_kinds_whole(uint32_t kinds)
{
    kinds &= (uint32_t)EVERY;
    return kinds == (uint32_t)EVERY ? 0 : kinds;
}

/* The kinds that one word means; 0: none. */
static uint32_t meant(const char *word, size_t length)
{
    const bool is_beginning = length > 0 && word[length - 1] == '*';
    const size_t compared = is_beginning ? length - 1 : length;
    uint32_t kinds = 0;
    for (int kind = 1; kind <= LS_KIND_MAX; kind++) {
        const char *name = ls_kind_name((enum ls_kind)kind);
        if (strncmp(name, word, compared) != 0) continue;
        if (is_beginning || name[compared] == '\0') kinds |= bit(kind);
    }
    return kinds;
}

static void list(uint32_t kinds, const char *between, char *out, size_t out_bytes)
{
    size_t length = 0;
    out[0] = '\0';
    for (int kind = 1; kind <= LS_KIND_MAX && length < out_bytes; kind++) {
        if ((kinds & bit(kind)) == 0) continue;
        length +=
            (size_t)snprintf(out + length, out_bytes - length, "%s%s",
                             length == 0 ? "" : between, ls_kind_name((enum ls_kind)kind));
    }
    assert(length < out_bytes); /* all names together fit */
}

/* The kinds whose names begin as this one's does, up to the dot; 0 where it has none, or
 * stands alone. */
static uint32_t family(int kind)
{
    const char *name = ls_kind_name((enum ls_kind)kind);
    const size_t length = strcspn(name, ".");
    uint32_t kinds = 0;
    if (name[length] == '\0') return 0;
    for (int other = 1; other <= LS_KIND_MAX; other++)
        if (strncmp(ls_kind_name((enum ls_kind)other), name, length + 1) == 0)
            kinds |= bit(other);
    return kinds == bit(kind) ? 0 : kinds;
}

/* As list(), but "token.*" for all of them. */
static void list_short(uint32_t kinds, const char *between, char *out, size_t out_bytes)
{
    size_t length = 0;
    out[0] = '\0';
    for (int kind = 1; kind <= LS_KIND_MAX && length < out_bytes; kind++) {
        const char *name = ls_kind_name((enum ls_kind)kind);
        const uint32_t these = family(kind);
        const bool is_family = these != 0 && (kinds & these) == these;
        if ((kinds & bit(kind)) == 0) continue;
        length += (size_t)snprintf(
            out + length, out_bytes - length, "%s%.*s%s", length == 0 ? "" : between,
            (int)strcspn(name, is_family ? "." : ""), name, is_family ? ".*" : "");
        if (is_family) kinds &= ~these;
    }
    assert(length < out_bytes); /* shorter than all names */
}

static ls_err refuse_word(const char *word, size_t length, struct ls_why *why)
{
    char names[LS_KINDS_TEXT_BYTES];
    list((uint32_t)EVERY, ", ", names, sizeof names);
    return ls_refuse(why, LS_CODE_INVALID, "kinds", "%.*s is no kind; use all, or some of %s",
                     length > 40 ? 40 : (int)length, word, names);
}

ls_err
ls_kinds_one(const char *name, const char *what, enum ls_kind *kind_out, struct ls_why *why)
{
    char names[LS_KINDS_TEXT_BYTES];
    if (ls_kind_parse(name, kind_out)) return LS_OK;
    list((uint32_t)EVERY, ", ", names, sizeof names);
    return ls_refuse(why, LS_CODE_INVALID, what, "%.60s is no kind; use one of %s", name,
                     names);
}

ls_err ls_kinds_parse(const char *text, uint32_t *kinds_out, struct ls_why *why)
{
    static const char apart[] = ", \t";
    const char *at = text + strspn(text, apart);
    uint32_t kinds = *at == '!' ? (uint32_t)EVERY : 0;
    if (*at == '\0') {
        return ls_refuse(why, LS_CODE_INVALID, "kinds",
                         "no kind is named; use all, or a list as memo,event or token.* or "
                         "!memo (all but memo)");
    }
    while (*at != '\0') {
        const bool is_out = *at == '!';
        const char *word = at + (is_out ? 1 : 0);
        const size_t length = strcspn(word, apart);
        const bool is_all = length == 3 && strncmp(word, "all", 3) == 0;
        const uint32_t these = is_all ? (uint32_t)EVERY : meant(word, length);
        if (these == 0) return refuse_word(word, length, why);
        kinds = is_out ? kinds & ~these : kinds | these;
        at = word + length + strspn(word + length, apart);
    }
    if (kinds == 0) {
        return ls_refuse(why, LS_CODE_INVALID, "kinds",
                         "%.80s leaves no kind; to let a worker begin nothing pause it", text);
    }
    *kinds_out = ls_kinds_whole(kinds);
    return LS_OK;
}

void ls_kinds_text(uint32_t kinds, char out[LS_KINDS_TEXT_BYTES])
{
    kinds = ls_kinds_whole(kinds);
    if (kinds == 0) {
        (void)snprintf(out, LS_KINDS_TEXT_BYTES, "all");
        return;
    }
    list(kinds, ",", out, LS_KINDS_TEXT_BYTES);
}

static int count(uint32_t kinds)
{
    int kinds_in = 0;
    for (; kinds != 0; kinds &= kinds - 1) kinds_in++;
    return kinds_in;
}

void ls_kinds_short(uint32_t kinds, char out[LS_KINDS_TEXT_BYTES])
{
    kinds = ls_kinds_whole(kinds);
    if (kinds == 0 || count(kinds) <= LS_KIND_MAX / 2) {
        if (kinds == 0) {
            (void)snprintf(out, LS_KINDS_TEXT_BYTES, "all");
        } else {
            list_short(kinds, ",", out, LS_KINDS_TEXT_BYTES);
        }
        return;
    }
    out[0] = '!';
    list_short(~kinds & (uint32_t)EVERY, ",!", out + 1, LS_KINDS_TEXT_BYTES - 1);
}

void ls_kinds_words(uint32_t kinds, char out[LS_KINDS_TEXT_BYTES])
{
    char names[LS_KINDS_TEXT_BYTES - 16];
    kinds = ls_kinds_whole(kinds);
    if (kinds == 0) {
        (void)snprintf(out, LS_KINDS_TEXT_BYTES, "all");
        return;
    }
    const bool is_most = count(kinds) > LS_KIND_MAX / 2;
    list_short(is_most ? ~kinds & (uint32_t)EVERY : kinds, ", ", names, sizeof names);
    (void)snprintf(out, LS_KINDS_TEXT_BYTES, "%s%s", is_most ? "all but " : "", names);
}
