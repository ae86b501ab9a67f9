#include "lockstep/store/session.h"

#include <string.h>

#include "lockstep/base/base58.h"
#include "read.h"
#include "session_core.h"

/* An address that may be missing; false when it is not one. */
static bool
read_pin(const PGresult *result, int row, int column, bool *has_out, struct ls_address *out)
{
    *has_out = PQgetisnull(result, row, column) == 0;
    return !*has_out || ls_address_parse(PQgetvalue(result, row, column), out);
}

/* What cannot be read as what it is was altered: is_whole says so. */
static void read_seal(const PGresult *result, int row, ls_op_id op, struct ls_seal_row *out)
{
    bool has_signer = false;
    struct ls_intent_row *intent = &out->intent;
    *out = (struct ls_seal_row){
        .intent = {.op = op, .attempt = (int32_t)read_int(result, row, 0)}};
    size_t digits = (size_t)PQgetlength(result, row, 4);
    intent->last_valid_height = read_int(result, row, 3);
    intent->is_cancel = read_bool(result, row, 5);
    read_text(result, row, 6, out->seal_key, sizeof out->seal_key);
    if (PQgetisnull(result, row, 7) == 0 &&
        read_hex_text(PQgetvalue(result, row, 7), intent->seal, sizeof intent->seal))
        intent->seal_key = out->seal_key;
    intent->fence = (enum ls_fence)read_int(result, row, 8);
    intent->tx = out->tx;
    intent->tx_bytes = digits / 2;
    out->is_whole = ls_signature_parse(PQgetvalue(result, row, 1), &intent->signature) &&
                    ls_hash_parse(PQgetvalue(result, row, 2), &intent->blockhash) &&
                    intent->tx_bytes <= sizeof out->tx &&
                    read_hex_text(PQgetvalue(result, row, 4), out->tx, intent->tx_bytes) &&
                    read_pin(result, row, 9, &has_signer, &intent->signer) && has_signer &&
                    read_pin(result, row, 10, &intent->has_nonce, &intent->nonce) &&
                    read_pin(result, row, 11, &intent->has_marker, &intent->marker);
}

ls_err ls_session_seals(ls_session *session,
                        ls_op_id op,
                        void (*take)(void *self, const struct ls_seal_row *row),
                        void *self,
                        struct ls_why *why)
{
    struct params params;
    PGresult *result = NULL;
    struct ls_seal_row row;

    LS_TRY(ls_session_connect(session, why));
    params_init(&params);
    params_int(&params, op.value);
    LS_TRY(
        session_run(session, "SELECT * FROM lockstep.seals($1)", &params, false, &result, why));
    for (int i = 0; i < PQntuples(result); i++) {
        read_seal(result, i, op, &row);
        take(self, &row);
    }
    PQclear(result);
    return LS_OK;
}
