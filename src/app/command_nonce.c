#include "command.h"

#include <stdlib.h>
#include <string.h>

#include "database.h"
#include "listing_out.h"
#include "lockstep/base/base58.h"
#include "lockstep/report/out.h"
#include "lockstep/solana/nonce.h"
#include "nonce_ledger.h"

enum { CREATE_MAX = 256 };

/* A row of the pool and, where the ledger answered, its account. */
struct pool {
    struct ls_nonce_row *rows;
    size_t count;
    struct ls_rpc_account *accounts; /* NULL: the ledger was not asked, or did not answer */
};

static void pool_free(struct pool *pool)
{
    free(pool->rows);
    free(pool->accounts);
}

/* The pool without what the ledger says is still a listing. */
static void ask_ledger(const struct command_call *call, struct pool *pool)
{
    struct ls_why why = {0};
    struct ls_address *addresses = calloc(pool->count, sizeof *addresses);
    struct ls_rpc_account *accounts = calloc(pool->count, sizeof *accounts);
    bool is_good = addresses != NULL && accounts != NULL;
    for (size_t i = 0; is_good && i < pool->count; i++)
        is_good = ls_address_parse(pool->rows[i].address, &addresses[i]);
    if (is_good) {
        is_good =
            !ls_failed(nonce_ledger_read(call->config, addresses, pool->count, accounts, &why));
        if (!is_good) ls_complain("nonce", "%s", why.text);
    }
    free(addresses);
    if (is_good) pool->accounts = accounts;
    if (!is_good) free(accounts);
}

static enum ls_exit read_pool(const struct command_call *call, struct pool *pool)
{
    struct ls_why why = {0};
    ls_session *session = NULL;
    enum ls_exit status = database_open(call, &session);
    if (status != LS_EXIT_DONE) return status;
    const ls_err err = ls_session_nonces(session, &pool->rows, &pool->count, &why);
    ls_session_free(session);
    if (ls_failed(err)) return ls_complain_err("nonce", err, &why);
    if (pool->count > 0) ask_ledger(call, pool);
    return LS_EXIT_DONE;
}

/* The value that the ledger holds, else the one that was last signed with. */
static void value_of(const struct pool *pool, size_t at, char out[LS_HASH_TEXT_BYTES])
{
    struct ls_nonce nonce;
    memcpy(out, pool->rows[at].value, LS_HASH_TEXT_BYTES);
    if (pool->accounts == NULL || !pool->accounts[at].is_found) return;
    const struct ls_rpc_account *account = &pool->accounts[at];
    if (account->data_bytes != LS_NONCE_ACCOUNT_BYTES ||
        ls_failed(ls_nonce_read(account->data, account->data_bytes, &nonce)))
        return;
    ls_hash_text(&nonce.value, out);
}

static bool has_account(const struct pool *pool, size_t at)
{
    return pool->accounts != NULL && pool->accounts[at].is_found;
}

static void json_row(struct ls_buf *out, const struct pool *pool, size_t at)
{
    const struct ls_nonce_row *row = &pool->rows[at];
    char value[LS_HASH_TEXT_BYTES];
    value_of(pool, at, value);
    ls_out_json_comma(out);
    ls_buf_add_char(out, '{');
    ls_out_json_number(out, "number", row->number);
    ls_out_json_field(out, "address", row->address);
    ls_out_json_field(out, "state", ls_nonce_state_name(row->state));
    if (row->op != 0) ls_out_json_number(out, "op", row->op);
    ls_out_json_field(out, "value", value);
    if (has_account(pool, at))
        ls_out_json_number(out, "lamports", (int64_t)pool->accounts[at].lamports);
    if (pool->accounts != NULL) ls_out_json_flag(out, "on_chain", has_account(pool, at));
    ls_out_json_field(out, "authority", row->authority);
    if (row->slot != 0) ls_out_json_number(out, "slot", row->slot);
    ls_buf_add_char(out, '}');
}

static enum ls_exit print_table(const struct pool *pool)
{
    static const char *const titles[] = {"ADDRESS", "STATE", "OP", "RENT", "VALUE"};
    struct ls_out_table table;
    ls_out_table_init(&table, titles, 5, 1U << 4);
    for (size_t i = 0; i < pool->count; i++) {
        const struct ls_nonce_row *row = &pool->rows[i];
        char value[LS_HASH_TEXT_BYTES];
        value_of(pool, i, value);
        ls_out_table_cell(&table, row->address);
        ls_out_table_cell(&table, ls_nonce_state_name(row->state));
        if (row->op != 0) ls_out_table_number(&table, row->op);
        if (row->op == 0) ls_out_table_cell(&table, "-");
        if (has_account(pool, i))
            ls_out_table_number(&table, (int64_t)pool->accounts[i].lamports);
        if (!has_account(pool, i))
            ls_out_table_cell(&table, pool->accounts == NULL ? "?" : "no account");
        ls_out_table_cell(&table, value[0] == '\0' ? "-" : value);
    }
    return ls_out_table_done(&table);
}

enum ls_exit command_nonce_list(const struct command_call *call)
{
    struct pool pool = {0};
    enum ls_exit status = read_pool(call, &pool);
    const enum listing listing = database_listing(call);
    if (status == LS_EXIT_DONE && listing == LISTING_TABLE) {
        status = print_table(&pool);
    } else if (status == LS_EXIT_DONE) {
        struct listing_out out;
        listing_out_init(&out, call);
        for (size_t i = 0; i < pool.count; i++) {
            json_row(&out.json, &pool, i);
            listing_out_row(&out);
        }
        status = listing_out_done(&out);
    }
    pool_free(&pool);
    return status;
}

enum ls_exit command_nonce_create(const struct command_call *call)
{
    struct ls_action action;
    struct ls_why why = {0};
    int64_t count = 0;
    ls_err err = database_action(call, LS_VERB_NONCE_CREATE, &action, &why);
    if (!ls_failed(err))
        err = database_id(call->arguments->positional[0], "number of accounts", &count, &why);
    if (!ls_failed(err) && count > CREATE_MAX) {
        err = ls_refuse(&why, LS_CODE_INVALID, "usage", "at most %d accounts at a time",
                        CREATE_MAX);
    }
    if (ls_failed(err)) return ls_complain_err("nonce", err, &why);
    action.amount = (uint64_t)count;
    return database_act_alone(call, &action);
}

/* What the account holds, all of which closing it takes. */
static ls_err read_lamports(const struct command_call *call,
                            const struct ls_address *address,
                            uint64_t *lamports_out,
                            struct ls_why *why)
{
    struct ls_rpc_account account;
    LS_TRY(nonce_ledger_read(call->config, address, 1, &account, why));
    if (!account.is_found) {
        return ls_refuse(why, LS_CODE_NOT_FOUND, "nonce",
                         "the ledger has no such account: wait until it is final there");
    }
    *lamports_out = account.lamports;
    return LS_OK;
}

enum ls_exit command_nonce_change(const struct command_call *call)
{
    struct ls_action action;
    struct ls_address address;
    struct ls_why why = {0};
    const char *text = call->arguments->positional[0];
    const bool is_close = strcmp(call->command->name, "close") == 0;
    ls_err err = database_action(call, is_close ? LS_VERB_NONCE_CLOSE : LS_VERB_NONCE_ADVANCE,
                                 &action, &why);
    if (!ls_failed(err) && !ls_address_parse(text, &address)) {
        err = ls_refuse(&why, LS_CODE_INVALID, "usage",
                        "%.60s is no address (32 bytes in base58)", text);
    }
    if (ls_failed(err)) return ls_complain_err("nonce", err, &why);
    if (is_close) {
        err = read_lamports(call, &address, &action.amount, &why);
        if (ls_failed(err)) return ls_complain_ledger("nonce", err, &why);
    }
    memcpy(action.selector, text, strlen(text) + 1);
    return database_act_alone(call, &action);
}
