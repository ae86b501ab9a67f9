/* From a landed transaction to a finding. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/base58.h"
#include "lockstep/solana/pack.h"
#include "lockstep/worker/adopt.h"

#include "worker_private.h"

/* "ls1:TAG" or "ls1:TAG text", as our memos begin. */
static bool read_tag(const char *memo, size_t bytes, uint8_t tag_out[LS_TAG_BYTES])
{
    char text[LS_TAG_TEXT_BYTES];
    static const char prefix[] = "ls1:";
    const size_t start = sizeof prefix - 1;
    if (bytes <= start || memcmp(memo, prefix, start) != 0) return false;
    size_t length = 0;
    while (start + length < bytes && memo[start + length] != ' ') length++;
    if (length == 0 || length >= sizeof text) return false;
    memcpy(text, memo + start, length);
    text[length] = '\0';
    return ls_base58_decode(text, tag_out, LS_TAG_BYTES);
}

/* Memos come as "[bytes] text" with "; " between. A stranger's text can look like one of
 * ours, so what is read here is only looked up: the transaction itself decides. */
size_t ls_worker_memo_tags(const char *memo, uint8_t tags_out[][LS_TAG_BYTES], size_t max)
{
    size_t count = 0;
    while (count < max && memo[0] == '[') {
        char *end = NULL;
        unsigned long bytes = strtoul(memo + 1, &end, 10);
        if (end == memo + 1 || end[0] != ']' || end[1] != ' ') break;
        const char *text = end + 2;
        size_t left = strlen(text);
        size_t length = bytes < left ? bytes : left;
        if (read_tag(text, length, tags_out[count])) count++;
        memo = text + length;
        if (memo[0] != ';' || memo[1] != ' ') break;
        memo += 2;
    }
    return count;
}

static struct ls_finding_row *
add(ls_worker *worker, const struct ls_landed *todo, enum ls_finding finding)
{
    struct scan *scan = &worker->scan;
    assert(scan->finding_count < LS_FINDINGS_MAX); /* a batch of fetches is smaller */
    struct ls_finding_row *row = &scan->findings[scan->finding_count++];
    *row = (struct ls_finding_row){
        .finding = finding,
        .op = todo->op,
        .landed = todo->landed,
        .payer = scan->past.marks[scan->payer].payer,
        .finalized_height = scan->tip_height,
    };
    return row;
}

/* The address of what it created is kept with its key, as an intent would have. */
static void
add_created(ls_worker *worker, const struct ls_landed *todo, struct ls_finding_row *row)
{
    struct ls_intent intent = {0};
    uint64_t space = 0;
    const struct ls_intent_context context = {
        .payer = row->payer,
        .tag = ls_tag_make(worker->tag_key, &worker->genesis, todo->key, strlen(todo->key)),
    };
    ls_err err = ls_intent_parse(ls_kind_name(todo->kind), todo->payload, todo->payload_bytes,
                                 &intent, NULL);
    assert(!ls_failed(err)); /* the adoption test has read it */
    row->has_mint = ls_intent_creates(&intent, &space);
    if (row->has_mint) row->mint = ls_intent_created(&intent, &context);
}

static void add_with_tx(ls_worker *worker,
                        const struct ls_landed *todo,
                        enum ls_finding finding,
                        const struct ls_tx_view *view,
                        const uint8_t *tx,
                        size_t tx_bytes)
{
    struct scan *scan = &worker->scan;
    struct ls_finding_row *row = add(worker, todo, finding);
    uint8_t *kept = scan->finding_txs[scan->finding_count - 1];
    memcpy(kept, tx, tx_bytes);
    row->tx = kept;
    row->tx_bytes = tx_bytes;
    row->payer = view->accounts[0];
    row->blockhash = *view->blockhash;
    if (finding == LS_FINDING_UNRECORDED) add_created(worker, todo, row);
}

static bool is_payer(const struct scan *scan, const struct ls_address *address)
{
    for (size_t i = 0; i < scan->past.mark_count; i++)
        if (ls_address_equal(&scan->past.marks[i].payer, address)) return true;
    return false;
}

static bool carries(const struct ls_tx_view *view, const uint8_t tag_bytes[LS_TAG_BYTES])
{
    struct ls_tag tag = {0};
    size_t first = 0, end = 0;
    (void)ls_base58_encode(tag_bytes, LS_TAG_BYTES, tag.text, sizeof tag.text);
    return ls_pack_range(view, &tag, &first, &end);
}

/* A mint that is named by key and not known yet may have been paid for by any of our keys. */
static ls_err test_payers(const struct scan *scan,
                          struct ls_adoption *op,
                          const uint8_t *tx,
                          size_t tx_bytes,
                          struct ls_why *why)
{
    ls_err err = LS_OK;
    assert(scan->past.mark_count > 0); /* is_payer() found one */
    for (size_t i = 0; i < scan->past.mark_count; i++) {
        op->mint_payer = scan->past.marks[i].payer;
        err = ls_worker_adoption_test(op, tx, tx_bytes, why);
        if (op->has_mint || err.code != LS_CODE_REFUSED) break;
    }
    return err;
}

/* The adoption test. False: nothing can be concluded. */
static bool compare(ls_worker *worker,
                    const struct ls_landed *todo,
                    const struct ls_tx_view *view,
                    const uint8_t *tx,
                    size_t tx_bytes)
{
    struct ls_adoption op = {
        .payer = view->accounts[0],
        .tag_key = worker->tag_key,
        .genesis = worker->genesis,
        .kind = todo->kind,
        .key = todo->key,
        .payload = todo->payload,
        .payload_bytes = todo->payload_bytes,
        .has_mint = todo->has_mint,
        .mint = todo->mint,
    };
    struct ls_why why = {0};
    ls_err err = test_payers(&worker->scan, &op, tx, tx_bytes, &why);
    if (err.code == LS_CODE_NO_MEMORY) return false;
    if (ls_failed(err))
        ls_worker_log_event(worker, LS_LEVEL_WARNING, "scan.differs", todo->op, why.text);
    add_with_tx(worker, todo, ls_failed(err) ? LS_FINDING_MISMATCH : LS_FINDING_UNRECORDED,
                view, tx, tx_bytes);
    return true;
}

/* False when the bytes are not the transaction that was asked for. What our keys did not
 * pay for and sign is none of ours, whatever its memo says. */
bool ls_worker_scan_judge(ls_worker *worker,
                          const struct ls_landed *todo,
                          const uint8_t *tx,
                          size_t tx_bytes)
{
    struct ls_tx_view view;
    if (todo->verdict == LS_LANDED_LATE || todo->verdict == LS_LANDED_UNFOLLOWED) {
        bool is_late = todo->verdict == LS_LANDED_LATE;
        /* Its bytes were ours before they were sent. */
        (void)add(worker, todo, is_late ? LS_FINDING_LATE : LS_FINDING_SETTLED);
        return true;
    }
    ls_err err = ls_tx_read(tx, tx_bytes, &view);
    if (err.code == LS_CODE_REFUSED || err.code == LS_CODE_FULL) return true;
    if (ls_failed(err)) return false;
    if (!ls_signature_equal(&view.signatures[0], &todo->landed.signature)) return false;
    if (!ls_tx_verify(&view)) return false;
    if (!is_payer(&worker->scan, &view.accounts[0])) return true;
    if (!carries(&view, todo->landed.tag)) return true;
    if (todo->verdict == LS_LANDED_ORPHAN) {
        add_with_tx(worker, todo, LS_FINDING_ORPHAN, &view, tx, tx_bytes);
        return true;
    }
    return compare(worker, todo, &view, tx, tx_bytes);
}
