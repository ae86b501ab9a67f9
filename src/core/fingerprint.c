#include "lockstep/core/fingerprint.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { LONG_WORD = 32, NUMBER_DIGITS = 10, HEX_DIGITS = 8, ELLIPSIS_BYTES = 3 };
static const char ellipsis[] = "\xe2\x80\xa6";

/* Bytes from `text` on, up to `end`. */
struct piece {
    const char *text, *end;
};

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_upper(char byte)
{
    return byte >= 'A' && byte <= 'Z';
}

static bool is_lower(char byte)
{
    return byte >= 'a' && byte <= 'z';
}

static bool is_alnum(char byte)
{
    return is_digit(byte) || is_upper(byte) || is_lower(byte);
}

static bool is_ellipsis(struct piece at)
{
    return at.end - at.text >= ELLIPSIS_BYTES && memcmp(at.text, ellipsis, ELLIPSIS_BYTES) == 0;
}

/* Bytes of the character of a word at `at`; 0: a word does not go on there. */
static size_t word_char(struct piece at)
{
    if (at.text == at.end) return 0;
    if (is_alnum(*at.text) || strchr("_.:,/-", *at.text) != NULL) return 1;
    return is_ellipsis(at) ? ELLIPSIS_BYTES : 0;
}

/* Whether the last character of `text` is one of words. */
static bool ends_in_word(struct piece text)
{
    size_t length = (size_t)(text.end - text.text);
    if (length > 0 && word_char((struct piece){text.end - 1, text.end}) > 0) return true;
    return length >= ELLIPSIS_BYTES &&
           is_ellipsis((struct piece){text.end - ELLIPSIS_BYTES, text.end});
}

static struct piece word_at(struct piece rest)
{
    struct piece word = {rest.text, rest.text};
    const char *solid = rest.text;
    size_t bytes = 0;
    while ((bytes = word_char((struct piece){word.end, rest.end})) > 0) {
        bool is_solid = bytes > 1 || is_alnum(*word.end);
        word.end += bytes;
        if (is_solid) solid = word.end;
    }
    word.end = solid;
    return word;
}

static const char *skip_digits(struct piece at)
{
    while (at.text < at.end && is_digit(*at.text)) at.text++;
    return at.text;
}

/* A capital and small letters, once or more often; NULL: none. */
static const char *skip_camel(struct piece at)
{
    const char *begin = at.text;
    while (at.end - at.text >= 2 && is_upper(at.text[0]) && is_lower(at.text[1])) {
        at.text++;
        while (at.text < at.end && is_lower(*at.text)) at.text++;
    }
    return at.text == begin ? NULL : at.text;
}

static const char *skip_program(struct piece at)
{
    static const char version[] = "-2022";
    const size_t version_bytes = sizeof version - 1;
    const char *begin = at.text;
    while (at.text < at.end && is_lower(*at.text)) at.text++;
    if (at.text == begin) return begin;
    if ((size_t)(at.end - at.text) > version_bytes &&
        memcmp(at.text, version, version_bytes) == 0)
        at.text += version_bytes;
    return at.text < at.end && *at.text == ':' ? at.text + 1 : begin;
}

static bool is_code(struct piece word)
{
    struct piece at = {skip_program(word), word.end};
    const char *after = skip_camel(at);
    if (after == NULL) return false;
    while (after < word.end && *after == ':') {
        at.text = after + 1;
        const char *next = skip_camel(at);
        if (next == NULL) break;
        after = next;
    }
    if (after == word.end) return true;
    if (*after != ':') return false;
    at.text = after + 1;
    if (at.text < at.end && *at.text == '-') at.text++;
    const char *digits = skip_digits(at);
    return digits == word.end && digits > at.text && digits - at.text <= NUMBER_DIGITS;
}

static bool is_hex(struct piece at)
{
    if (at.end - at.text < 3 || at.end - at.text > HEX_DIGITS + 2) return false;
    if (at.text[0] != '0' || at.text[1] != 'x') return false;
    for (const char *digit = at.text + 2; digit < at.end; digit++) {
        bool is_letter = (*digit >= 'a' && *digit <= 'f') || (*digit >= 'A' && *digit <= 'F');
        if (!is_digit(*digit) && !is_letter) return false;
    }
    return true;
}

static bool is_number(struct piece word)
{
    if (word.text < word.end && *word.text == '-') word.text++;
    if (is_hex(word)) return true;
    return word.text < word.end && word.end - word.text <= NUMBER_DIGITS &&
           skip_digits(word) == word.end;
}

/* Whether what stands before `at` says that the number there names an error. */
static bool names_error(const char *begin, const char *at)
{
    static const char *const words[] = {"rpc ",   "error ",  "error: ", "code ",
                                        "code: ", "status ", "HTTP ",   "Custom("};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t length = strlen(words[i]);
        if ((size_t)(at - begin) < length || memcmp(at - length, words[i], length) != 0)
            continue;
        if (!ends_in_word((struct piece){begin, at - length})) return true;
    }
    return false;
}

static bool is_private(const char *begin, struct piece word)
{
    bool has_mark = false;
    bool is_plain = true;
    for (const char *at = word.text; at < word.end; at++) {
        const struct piece rest = {at, word.end};
        bool is_gap = is_ellipsis(rest) || (at[0] == '.' && at + 1 < word.end && at[1] == '.');
        has_mark = has_mark || is_digit(*at) || is_gap;
        is_plain = is_plain && is_alnum(*at);
    }
    if (!has_mark && !(is_plain && word.end - word.text >= LONG_WORD)) return false;
    return !is_code(word) && !(is_number(word) && names_error(begin, word.text));
}

/* The end of the quoted value that begins at `at`; NULL: none does. */
static const char *quote_end(const char *begin, struct piece at)
{
    char quote = *at.text;
    if (quote != '"' && quote != '`' && quote != '\'') return NULL;
    if (quote == '\'' && at.text > begin && strchr(" (=:,[", at.text[-1]) == NULL) return NULL;
    const char *close = memchr(at.text + 1, quote, (size_t)(at.end - at.text) - 1);
    return close == NULL ? NULL : close + 1;
}

/* Bytes of `cause`, of which at most LS_CAUSE_BYTES_MAX count, cut at a character. */
static size_t bytes_of(const char *cause)
{
    size_t length = strnlen(cause, LS_CAUSE_BYTES_MAX + 1);
    if (length <= LS_CAUSE_BYTES_MAX) return length;
    length = LS_CAUSE_BYTES_MAX;
    while (length > 0 && ((unsigned char)cause[length] & 0xc0U) == 0x80U) length--;
    return length;
}

static size_t without_quotes(struct piece cause, char out[LS_CAUSE_BYTES_MAX + 1])
{
    size_t used = 0;
    const char *begin = cause.text;
    while (cause.text < cause.end) {
        const char *after = quote_end(begin, cause);
        out[used++] = after != NULL ? '#' : *cause.text;
        cause.text = after != NULL ? after : cause.text + 1;
    }
    out[used] = '\0';
    return used;
}

void ls_cause_fingerprint(const char *cause, char out[LS_CAUSE_BYTES_MAX + 1])
{
    assert(cause != NULL && out != NULL);
    char plain[LS_CAUSE_BYTES_MAX + 1];
    size_t length = without_quotes((struct piece){cause, cause + bytes_of(cause)}, plain);
    struct piece rest = {plain, plain + length};
    size_t used = 0;
    while (rest.text < rest.end) {
        struct piece word = word_at(rest);
        size_t bytes = word.text == word.end ? 1 : (size_t)(word.end - word.text);
        if (word.text != word.end && is_private(plain, word)) {
            out[used++] = '#';
        } else {
            memcpy(out + used, rest.text, bytes);
            used += bytes;
        }
        rest.text += bytes;
    }
    out[used] = '\0';
}
