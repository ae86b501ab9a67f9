#include "lockstep/core/filter.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/core/kinds.h"

static const struct field_name {
    const char *name;
    enum ls_filter_field field;
} field_names[] = {
    {"state", LS_FILTER_STATE}, {"sub", LS_FILTER_SUB},       {"kind", LS_FILTER_KIND},
    {"key", LS_FILTER_KEY},     {"entity", LS_FILTER_ENTITY}, {"cause", LS_FILTER_CAUSE},
    {"id", LS_FILTER_ID},       {"batch", LS_FILTER_BATCH},   {"lane", LS_FILTER_LANE},
};

static const struct {
    const char *word, *help;
} words[] = {
    {"state:", "failed, held, ready, submitted, done ..."},
    {"cause:", "why it failed or waits"},
    {"kind:", "memo, token.*, sol.transfer ..."},
    {"age>", "enqueued longer ago: 10m, 2h, 3d"},
    {"age<", "enqueued since: 10m, 2h, 3d"},
    {"entity:", "whose operations run in order"},
    {"key:", "the idempotency key; pay:* for all that begin so"},
    {"stuck", "longer in one state than its kind's objective"},
    {"sub:", "the state's detail: backoff, ambiguous, gated ..."},
    {"batch:", "the operations of one batch: 17 or B-17"},
    {"lane:", "0 urgent to 3 bulk"},
    {"id:", "one operation"},
};

bool ls_filter_word_at(size_t index, const char **word_out, const char **help_out)
{
    if (index >= sizeof words / sizeof words[0]) return false;
    *word_out = words[index].word;
    *help_out = words[index].help;
    return true;
}

#define WHAT "filter"

/* A word of the filter, not terminated. */
struct word {
    const char *text;
    size_t bytes;
};

static bool is_space(char character)
{
    return character == ' ' || character == '\t' || character == '\n' || character == '\r';
}

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

/* Digits at the start of `text` as a number: how many were read, 0 when none or when the
 * number is beyond int64. */
static size_t read_digits(const char *text, int64_t *number_out)
{
    int64_t number = 0;
    size_t count = 0;
    for (; is_digit(text[count]); count++) {
        const int digit = text[count] - '0';
        if (number > (INT64_MAX - digit) / 10) return 0;
        number = number * 10 + digit;
    }
    *number_out = number;
    return count;
}

ls_err ls_duration_parse(const char *text, int64_t *ms_out)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{"", 1000},   {"ms", 1},      {"s", 1000},
                 {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
    assert(text != NULL && ms_out != NULL);

    int64_t number = 0;
    const size_t digits = read_digits(text, &number);
    if (digits == 0) return LS_FAIL(LS_CODE_INVALID, 0, "duration");
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(text + digits, units[i].unit) != 0) continue;
        if (number > INT64_MAX / units[i].ms) return LS_FAIL(LS_CODE_INVALID, 0, "duration");
        *ms_out = number * units[i].ms;
        return LS_OK;
    }
    return LS_FAIL(LS_CODE_INVALID, 0, "duration");
}

static ls_err read_state(struct ls_filter_term *term, struct ls_why *why)
{
    enum ls_state state = LS_STATE_READY;
    if (strcmp(term->text, "stuck") == 0) {
        term->field = LS_FILTER_STUCK;
        return LS_OK;
    }
    if (!ls_state_parse(term->text, &state)) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "state:%s is no state; use ready, blocked, leased, submitted, held, "
                         "failed, done, cancelled, compensated or stuck",
                         term->text);
    }
    term->number = state;
    return LS_OK;
}

static ls_err read_sub(struct ls_filter_term *term, struct ls_why *why)
{
    enum ls_sub sub = LS_SUB_NONE;
    if (!ls_sub_parse(term->text, &sub)) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "sub:%s is no state's detail; use due, scheduled, backoff, gated, "
                         "entity, dependency, sent, confirmed, rejected, certifying, operator, "
                         "ambiguous, policy, compensating or compensation_failed",
                         term->text);
    }
    term->number = sub;
    return LS_OK;
}

static ls_err read_kind(struct ls_filter_term *term, struct ls_why *why)
{
    enum ls_kind kind = LS_KIND_NONE;
    if (term->is_prefix) return LS_OK;
    if (ls_failed(ls_kinds_one(term->text, WHAT, &kind, why))) {
        const size_t length = strlen(why->text);
        (void)snprintf(why->text + length, sizeof why->text - length,
                       ", or a beginning such as token.*");
        return (ls_err){.code = LS_CODE_INVALID};
    }
    term->number = kind;
    return LS_OK;
}

static ls_err read_id(struct ls_filter_term *term, struct ls_why *why)
{
    int64_t number = 0;
    const size_t digits = read_digits(term->text, &number);
    if (digits == 0 || term->text[digits] != '\0' || term->is_prefix || number == 0) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "id:%s is no operation's number; use id:17", term->text);
    }
    term->number = number;
    return LS_OK;
}

/* batch:12, or as the console writes it: batch:B-12. */
static ls_err read_batch(struct ls_filter_term *term, struct ls_why *why)
{
    int64_t number = 0;
    const char *text = strncmp(term->text, "B-", 2) == 0 ? term->text + 2 : term->text;
    const size_t digits = read_digits(text, &number);
    if (digits == 0 || text[digits] != '\0' || term->is_prefix || number == 0) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "batch:%s is no batch's number; use batch:17 or batch:B-17",
                         term->text);
    }
    term->number = number;
    return LS_OK;
}

static ls_err read_lane(struct ls_filter_term *term, struct ls_why *why)
{
    if (term->text[0] < '0' || term->text[0] > '3' || term->text[1] != '\0' ||
        term->is_prefix) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "lane:%s is no lane; use 0 (urgent) to 3 (bulk)", term->text);
    }
    term->number = term->text[0] - '0';
    return LS_OK;
}

static ls_err read_value(struct ls_filter_term *term, struct ls_why *why)
{
    switch (term->field) {
    case LS_FILTER_STATE: return read_state(term, why);
    case LS_FILTER_SUB: return read_sub(term, why);
    case LS_FILTER_KIND: return read_kind(term, why);
    case LS_FILTER_ID: return read_id(term, why);
    case LS_FILTER_BATCH: return read_batch(term, why);
    case LS_FILTER_LANE: return read_lane(term, why);
    case LS_FILTER_KEY:
    case LS_FILTER_ENTITY:
    case LS_FILTER_CAUSE:
    case LS_FILTER_AGE:
    case LS_FILTER_STUCK:
    case LS_FILTER_TEXT: break;
    }
    return LS_OK;
}

/* Copy a value into the term, taking a trailing `*` as "prefix". */
static ls_err take_text(struct ls_filter_term *term, struct word value, struct ls_why *why)
{
    if (value.bytes > LS_KEY_BYTES_MAX) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "a term is longer than %d bytes; shorten it", LS_KEY_BYTES_MAX);
    }
    if (value.bytes > 0 && value.text[value.bytes - 1] == '*') {
        term->is_prefix = true;
        value.bytes--;
    }
    if (value.bytes > 0 && value.text[0] == '"') {
        if (value.bytes < 2 || value.text[value.bytes - 1] != '"') {
            return ls_refuse(why, LS_CODE_INVALID, WHAT,
                             "a quote is not closed; write cause:\"two words\"");
        }
        value.text++;
        value.bytes -= 2;
    }
    memcpy(term->text, value.text, value.bytes);
    term->text[value.bytes] = '\0';
    return LS_OK;
}

static ls_err read_age(struct word word, struct ls_filter_term *term, struct ls_why *why)
{
    const struct word value = {word.text + 4, word.bytes - 4};
    term->field = LS_FILTER_AGE;
    term->is_greater = word.text[3] == '>';
    LS_TRY(take_text(term, value, why));
    if (ls_failed(ls_duration_parse(term->text, &term->number)) || term->is_prefix) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "age%c%s is no duration; use 90s, 10m, 2h or 3d", word.text[3],
                         term->text);
    }
    term->text[0] = '\0';
    return LS_OK;
}

static bool word_is(struct word word, const char *name)
{
    return word.bytes == strlen(name) && memcmp(word.text, name, word.bytes) == 0;
}

static ls_err
read_field(struct word word, const char *colon, struct ls_filter_term *term, struct ls_why *why)
{
    const struct word name = {word.text, (size_t)(colon - word.text)};
    const struct word value = {colon + 1, word.bytes - name.bytes - 1};
    for (size_t i = 0; i < sizeof field_names / sizeof field_names[0]; i++) {
        if (!word_is(name, field_names[i].name)) continue;
        if (value.bytes == 0) {
            return ls_refuse(why, LS_CODE_INVALID, WHAT, "%s: has no value; write %s:VALUE",
                             field_names[i].name, field_names[i].name);
        }
        term->field = field_names[i].field;
        LS_TRY(take_text(term, value, why));
        return read_value(term, why);
    }
    return ls_refuse(why, LS_CODE_INVALID, WHAT,
                     "%.*s: is no field; use state, sub, kind, key, entity, cause, batch, id, "
                     "lane or age>10m "
                     "(for a key with a colon: key:%.*s)",
                     (int)name.bytes, name.text, (int)word.bytes, word.text);
}

static ls_err read_term(struct word word, struct ls_filter_term *term, struct ls_why *why)
{
    if (word.text[0] == '!') {
        term->is_inverted = true;
        word.text++;
        word.bytes--;
    }
    if (word.bytes == 0) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "! stands alone; write it before a term, as in !kind:memo");
    }
    if (word.bytes > 3 && memcmp(word.text, "age", 3) == 0 &&
        (word.text[3] == '>' || word.text[3] == '<')) {
        return read_age(word, term, why);
    }
    if (word_is(word, "stuck")) {
        term->field = LS_FILTER_STUCK;
        return LS_OK;
    }
    const char *colon = memchr(word.text, ':', word.bytes);
    if (colon != NULL) return read_field(word, colon, term, why);
    term->field = LS_FILTER_TEXT;
    LS_TRY(take_text(term, word, why));
    if (term->text[0] != '\0') return LS_OK;
    return ls_refuse(why, LS_CODE_INVALID, WHAT, "* stands alone; write some text before it");
}

/* The next word at `*at`, with what it has in quotes; no bytes at the end. */
static struct word next_word(const char **at)
{
    while (is_space(**at)) (*at)++;
    struct word word = {*at, 0};
    bool is_quoted = false;
    for (; word.text[word.bytes] != '\0'; word.bytes++) {
        const char character = word.text[word.bytes];
        if (character == '"') is_quoted = !is_quoted;
        if (is_space(character) && !is_quoted) break;
    }
    *at += word.bytes;
    return word;
}

ls_err ls_filter_parse_at(const char *text,
                          struct ls_filter *filter_out,
                          struct ls_filter_place *place_out,
                          struct ls_why *why)
{
    assert(text != NULL && filter_out != NULL && place_out != NULL);
    *place_out = (struct ls_filter_place){0};
    if (strnlen(text, LS_FILTER_BYTES_MAX + 1) > LS_FILTER_BYTES_MAX) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT, "longer than %d bytes; use fewer terms",
                         LS_FILTER_BYTES_MAX);
    }

    struct ls_filter filter = {0};
    const char *at = text;
    for (struct word word = next_word(&at); word.bytes > 0; word = next_word(&at)) {
        *place_out = (struct ls_filter_place){(size_t)(word.text - text), word.bytes};
        if (filter.count == LS_FILTER_TERMS_MAX) {
            return ls_refuse(why, LS_CODE_INVALID, WHAT, "more than %d terms; use fewer",
                             LS_FILTER_TERMS_MAX);
        }
        LS_TRY(read_term(word, &filter.terms[filter.count], why));
        filter.count++;
    }
    *place_out = (struct ls_filter_place){0};
    *filter_out = filter;
    return LS_OK;
}

ls_err ls_filter_parse(const char *text, struct ls_filter *filter_out, struct ls_why *why)
{
    struct ls_filter_place place;
    return ls_filter_parse_at(text, filter_out, &place, why);
}
