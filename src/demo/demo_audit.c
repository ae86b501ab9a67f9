#include "demo_audit.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "lockstep/host/clock.h"
#include "lockstep/ledger/http_ledger.h"
#include "lockstep/solana/rpc.h"
#include "lockstep/solana/tag.h"

#define WHAT "audit"

enum { PAGE = 1000, CALL_MS = 10000, CALL_TRIES = 50, REPLY_BYTES_MAX = 16 << 20 };

struct tag {
    char text[LS_TAG_TEXT_BYTES];
    bool is_claimed; /* an operation has this tag */
};

struct tags {
    size_t count;
    size_t capacity;
    struct tag *items; /* sorted once gathered */
};

static ls_err add_tag(struct tags *tags, const char *text, size_t bytes)
{
    if (tags->count == DEMO_AUDIT_LANDINGS_MAX) return LS_FAIL(LS_CODE_FULL, 0, WHAT);
    if (tags->count == tags->capacity) {
        const size_t capacity = tags->capacity == 0 ? 4096 : tags->capacity * 2;
        struct tag *items = realloc(tags->items, capacity * sizeof *items);
        if (items == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, WHAT);
        tags->items = items;
        tags->capacity = capacity;
    }
    struct tag *tag = &tags->items[tags->count++];
    *tag = (struct tag){0};
    memcpy(tag->text, text, bytes);
    return LS_OK;
}

/* One memo; ours is "ls1:<tag>", alone or before a blank. */
static ls_err take_memo(struct tags *tags, const char *text, size_t length)
{
    size_t bytes = 0;
    if (length < 4 || strncmp(text, "ls1:", 4) != 0) return LS_OK;
    while (4 + bytes < length && text[4 + bytes] != ' ') bytes++;
    if (bytes == 0 || bytes >= LS_TAG_TEXT_BYTES) return LS_OK;
    return add_tag(tags, text + 4, bytes);
}

/* A node gives a transaction's memos as "[length] text", and "; " between several. */
static ls_err take_memos(struct tags *tags, const char *memos)
{
    while (memos[0] == '[') {
        char *end = NULL;
        const size_t length = strtoul(memos + 1, &end, 10);
        if (strncmp(end, "] ", 2) != 0 || length > strlen(end + 2)) return LS_OK;
        LS_TRY(take_memo(tags, end + 2, length));
        memos = end + 2 + length;
        if (strncmp(memos, "; ", 2) == 0) memos += 2;
    }
    return LS_OK;
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct tag *)a)->text, ((const struct tag *)b)->text);
}

/* One page of the payer's signatures; a faulty day is asked again. */
static ls_err read_page(ls_http_ledger *ledger,
                        const struct ls_address *payer,
                        const struct ls_signature *before,
                        struct ls_rpc_signature_info *rows,
                        size_t *count_out)
{
    ls_err err = LS_OK;
    for (int i = 0; i < CALL_TRIES; i++) {
        struct ls_buf body;
        struct ls_buf answer;
        struct ls_rpc_batch batch;
        ls_rpc_reply *reply = NULL;
        ls_buf_init(&body, REPLY_BYTES_MAX);
        ls_buf_init(&answer, REPLY_BYTES_MAX);
        ls_rpc_open(&batch, &body);
        const size_t at =
            ls_rpc_get_signatures_for_address(&batch, payer, before, PAGE, LS_FINALIZED);
        ls_rpc_close(&batch);
        err = ls_buf_check(&body, WHAT);
        if (!ls_failed(err)) {
            err = ls_http_ledger_post(ledger, 0, body.data, body.length, CALL_MS, &answer);
        }
        if (!ls_failed(err)) err = ls_rpc_read(ls_buf_text(&answer), answer.length, 1, &reply);
        if (!ls_failed(err)) err = ls_rpc_signatures_at(reply, at, rows, PAGE, count_out);
        ls_rpc_reply_free(reply);
        ls_buf_done(&answer);
        ls_buf_done(&body);
        if (!ls_failed(err)) return LS_OK;
        ls_http_ledger_wait(ledger, -1, 0, 100);
    }
    return err;
}

static ls_err gather(ls_http_ledger *ledger, const struct ls_address *payer, struct tags *tags)
{
    struct ls_rpc_signature_info *rows = calloc(PAGE, sizeof *rows);
    struct ls_signature before;
    size_t count = PAGE;
    ls_err err = rows == NULL ? LS_FAIL(LS_CODE_NO_MEMORY, 0, WHAT) : LS_OK;
    for (bool has_before = false; !ls_failed(err) && count == PAGE; has_before = true) {
        err = read_page(ledger, payer, has_before ? &before : NULL, rows, &count);
        if (ls_failed(err) || count == 0) break;
        before = rows[count - 1].signature;
        for (size_t i = 0; i < count && !ls_failed(err); i++) {
            if (!rows[i].has_error) err = take_memos(tags, rows[i].memo);
        }
    }
    free(rows);
    if (!ls_failed(err) && tags->count > 0) {
        qsort(tags->items, tags->count, sizeof *tags->items, compare);
    }
    return err;
}

/* How often `text` stands in the sorted list; each of them is then claimed. */
static int64_t claim(struct tags *tags, const char *text)
{
    struct tag wanted = {0};
    memcpy(wanted.text, text, strlen(text) + 1);
    if (tags->count == 0) return 0;
    const struct tag *found =
        bsearch(&wanted, tags->items, tags->count, sizeof *tags->items, compare);
    if (found == NULL) return 0;
    size_t at = (size_t)(found - tags->items);
    while (at > 0 && compare(&tags->items[at - 1], &wanted) == 0) at--;
    int64_t count = 0;
    for (; at < tags->count && compare(&tags->items[at], &wanted) == 0; at++) {
        tags->items[at].is_claimed = true;
        count++;
    }
    return count;
}

static void judge(struct demo_audit *audit, const struct ls_outcome_row *row, int64_t landings)
{
    if (strncmp(row->key, "ls:", 3) != 0) audit->operations++;
    if (landings > 1) audit->duplicates += landings - 1;
    switch (row->state) {
    case LS_STATE_DONE:
    case LS_STATE_COMPENSATED:
        if (row->state == LS_STATE_DONE) {
            audit->done++;
        } else {
            audit->compensated++;
        }
        if (landings == 0) audit->lost++;
        return;
    case LS_STATE_FAILED:
    case LS_STATE_CANCELLED:
        if (row->state == LS_STATE_FAILED) {
            audit->failed++;
        } else {
            audit->cancelled++;
        }
        if (landings > 0) audit->unwanted++;
        return;
    case LS_STATE_HELD: audit->held++; return;
    case LS_STATE_READY:
    case LS_STATE_BLOCKED:
    case LS_STATE_LEASED:
    case LS_STATE_SUBMITTED: audit->live++; return;
    }
}

static ls_err compare_all(ls_session *session,
                          struct tags *tags,
                          struct demo_audit *audit,
                          struct ls_why *why)
{
    uint8_t tag_key[LS_TAG_KEY_BYTES];
    struct ls_hash genesis;
    LS_TRY(ls_session_tag_key(session, tag_key, &genesis, why));
    struct ls_outcome_row *rows = calloc(PAGE, sizeof *rows);
    ls_err err = rows == NULL ? LS_FAIL(LS_CODE_NO_MEMORY, 0, WHAT) : LS_OK;
    size_t count = PAGE;
    for (int64_t after = 0; !ls_failed(err) && count > 0;) {
        err = ls_session_outcomes(session, after, PAGE, rows, &count, why);
        for (size_t i = 0; i < count && !ls_failed(err); i++) {
            const struct ls_tag tag =
                ls_tag_make(tag_key, &genesis, rows[i].key, strlen(rows[i].key));
            judge(audit, &rows[i], claim(tags, tag.text));
            after = rows[i].op.value;
        }
    }
    sodium_memzero(tag_key, sizeof tag_key);
    free(rows);
    return err;
}

ls_err demo_audit_run(ls_session *session,
                      const char *ledger_url,
                      const struct ls_address *payer,
                      struct demo_audit *audit_out,
                      struct ls_why *why)
{
    const struct ls_http_ledger_options options = {
        .endpoint_count = 1, .endpoints = {ledger_url}, .user_agent = "lockstep-audit"};
    const struct ls_clock clock = ls_system_clock();
    struct demo_audit audit = {0};
    struct tags tags = {0};
    ls_http_ledger *ledger = NULL;
    LS_TRY(ls_http_ledger_new(&options, &clock, &ledger, why));
    ls_err err = gather(ledger, payer, &tags);
    ls_http_ledger_free(ledger);
    if (ls_failed(err)) {
        err = ls_refuse(why, err.code, WHAT, "the ledger's transactions cannot be read");
    } else {
        err = compare_all(session, &tags, &audit, why);
    }
    audit.landings = (int64_t)tags.count;
    for (size_t i = 0; i < tags.count; i++) audit.strangers += tags.items[i].is_claimed ? 0 : 1;
    free(tags.items);
    if (!ls_failed(err)) *audit_out = audit;
    return err;
}
