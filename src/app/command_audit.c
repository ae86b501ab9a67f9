#include "command.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "database.h"
#include "listing_out.h"
#include "lockstep/audit/chain.h"
#include "lockstep/report/op_json.h"
#include "lockstep/report/out.h"

struct listed {
    struct listing_out out;
    struct ls_out_table table;
};

static void add_row(struct listed *listed, const struct ls_audit_row *row)
{
    char at[LS_OUT_TIME_BYTES];
    if (listed->out.listing != LISTING_TABLE) {
        ls_json_audit(&listed->out.json, row);
        listing_out_row(&listed->out);
        return;
    }
    ls_out_time(row->at_ms, at);
    ls_out_table_number(&listed->table, row->seq);
    ls_out_table_cell(&listed->table, at);
    ls_out_table_cell(&listed->table, row->actor);
    ls_out_table_cell(&listed->table, row->action);
    ls_out_table_cell(&listed->table, row->target);
    ls_out_table_cell(&listed->table, row->after);
    ls_out_table_cell(&listed->table, row->reason);
}

static ls_err
list(ls_session *session, int64_t limit, struct listed *listed, struct ls_why *why)
{
    struct ls_audit_page *page = calloc(1, sizeof *page);
    ls_err err = page == NULL ? LS_FAIL(LS_CODE_NO_MEMORY, 0, "audit") : LS_OK;
    int64_t before = 0;
    while (limit > 0 && !ls_failed(err)) {
        const int32_t want = limit < LS_FACTS_PAGE_MAX ? (int32_t)limit : LS_FACTS_PAGE_MAX;
        err = ls_session_audit(session, before, want, page, why);
        if (ls_failed(err) || page->count == 0) break;
        for (size_t i = 0; i < page->count; i++) add_row(listed, &page->rows[i]);
        before = page->rows[page->count - 1].seq;
        limit -= (int64_t)page->count;
        if (!page->has_more) break;
    }
    free(page);
    return err;
}

static enum ls_exit
print_list(const struct command_call *call, ls_session *session, int64_t limit)
{
    static const char *const titles[] = {"SEQ",    "AT",    "ACTOR", "ACTION",
                                         "TARGET", "AFTER", "REASON"};
    const bool is_table = database_listing(call) == LISTING_TABLE;
    struct listed listed = {0};
    struct ls_why why = {0};
    listing_out_init(&listed.out, call);
    if (is_table) ls_out_table_init(&listed.table, titles, 7, 1U << 4 | 1U << 6);
    listed.table.is_wide = arguments_has(call->arguments, OPTION_WIDE);
    const ls_err err = list(session, limit, &listed, &why);
    if (ls_failed(err) || is_table) listing_out_drop(&listed.out);
    if (ls_failed(err)) {
        if (is_table) ls_buf_done(&listed.table.text);
        return ls_complain_err("audit", err, &why);
    }
    if (is_table) return ls_out_table_done(&listed.table);
    return listing_out_done(&listed.out);
}

enum ls_exit command_audit_list(const struct command_call *call)
{
    struct ls_why why = {0};
    ls_session *session = NULL;
    int64_t limit = 0;
    const ls_err err = database_limit(call, &limit, &why);
    if (ls_failed(err)) return ls_complain_err("audit", err, &why);
    enum ls_exit status = database_open(call, &session);
    if (status != LS_EXIT_DONE) return status;
    status = print_list(call, session, limit);
    ls_session_free(session);
    return status;
}

struct verifying {
    int64_t count;
    struct ls_audit_verifier verifier;
};

static ls_err verify_entry(void *self, const struct ls_audit_entry *entry)
{
    struct verifying *verifying = self;
    verifying->count++;
    if (ls_audit_verifier_take(&verifying->verifier, entry->seq, entry->prev_hash, entry->hash,
                               entry->canonical, entry->canonical_bytes)) {
        return LS_OK;
    }
    return LS_FAIL(LS_CODE_STOPPED, 0, "audit");
}

static enum ls_exit print_verdict(const struct verifying *verifying, bool is_json)
{
    const enum ls_audit_fault fault = verifying->verifier.fault;
    struct ls_buf out;
    ls_buf_init(&out, 4096);
    if (is_json) {
        ls_buf_add_char(&out, '{');
        ls_out_json_flag(&out, "good", fault == LS_AUDIT_GOOD);
        ls_out_json_number(&out, "entries", verifying->count);
        ls_out_json_field(&out, "fault", ls_audit_fault_name(fault));
        ls_out_json_number(&out, "fault_seq", verifying->verifier.fault_seq);
        ls_buf_add_text(&out, "}\n");
    } else if (fault == LS_AUDIT_GOOD) {
        ls_buf_printf(&out, "the chain of %" PRId64 " audit entries is whole\n",
                      verifying->count);
    }
    const enum ls_exit printed = ls_out_print(&out);
    if (fault == LS_AUDIT_GOOD) return printed;
    ls_complain("audit",
                "the chain is broken at entry %" PRId64 " (%s); keep the database as it "
                "is and compare with a backup",
                verifying->verifier.fault_seq, ls_audit_fault_name(fault));
    return LS_EXIT_DIFFERENCE;
}

/* From the log's own origin, not from what its first entry says: a log whose beginning was
 * cut away, or that was put in another's place, does not verify. */
static ls_err verify(ls_session *session, struct verifying *verifying, struct ls_why *why)
{
    char log_id[LS_LOG_ID_BYTES];
    uint8_t origin[LS_AUDIT_HASH_BYTES];
    LS_TRY(ls_session_log_id(session, log_id, why));
    (void)crypto_hash_sha256(origin, (const uint8_t *)log_id, strlen(log_id)); /* always 0 */
    ls_audit_verifier_init(&verifying->verifier, origin);
    return ls_session_audit_walk(session, 1, verify_entry, verifying, why);
}

enum ls_exit command_audit_verify(const struct command_call *call)
{
    struct verifying verifying = {0};
    struct ls_why why = {0};
    ls_session *session = NULL;
    enum ls_exit status = database_open(call, &session);
    if (status != LS_EXIT_DONE) return status;
    const ls_err err = verify(session, &verifying, &why);
    ls_session_free(session);
    if (ls_failed(err) && err.code != LS_CODE_STOPPED)
        return ls_complain_err("audit", err, &why);
    return print_verdict(&verifying, arguments_has(call->arguments, OPTION_JSON));
}
