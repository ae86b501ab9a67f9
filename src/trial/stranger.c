/* A stranger who sees where a marker will be made and pays something to that address first: the
 * ledger then makes it for nobody. */
#include <inttypes.h>

#include <sodium.h>

#include "lockstep/solana/rpc.h"
#include "lockstep/solana/tx.h"
#include "trial_private.h"

enum { BYTES_MAX = 1 << 16, GIFT_LAMPORTS = 1000000 };

/* Ask the ledger one thing, without the faults of a way to it. NULL without an answer. */
static ls_rpc_reply *ask(ls_trial *trial, struct ls_rpc_batch *batch, struct ls_buf *answer)
{
    ls_rpc_reply *reply = NULL;
    ls_rpc_close(batch);
    ls_sim_ledger_answer(trial->ledger, 0, trial->now_ms, ls_buf_text(batch->out),
                         batch->out->length, answer);
    const ls_err err = ls_rpc_read(ls_buf_text(answer), answer->length, 1, &reply);
    return ls_failed(err) ? NULL : reply;
}

static bool read_blockhash(ls_trial *trial, struct ls_rpc_blockhash *out)
{
    struct ls_buf body, answer;
    struct ls_rpc_batch batch;
    ls_buf_init(&body, BYTES_MAX);
    ls_buf_init(&answer, BYTES_MAX);
    ls_rpc_open(&batch, &body);
    (void)ls_rpc_get_latest_blockhash(&batch, LS_CONFIRMED); /* position 0 */
    ls_rpc_reply *reply = ask(trial, &batch, &answer);
    const bool is_read = reply != NULL && !ls_failed(ls_rpc_blockhash_at(reply, 0, out));
    ls_rpc_reply_free(reply);
    ls_buf_done(&body);
    ls_buf_done(&answer);
    return is_read;
}

static void send(ls_trial *trial, const struct ls_tx *tx)
{
    struct ls_buf body, answer;
    struct ls_rpc_batch batch;
    ls_buf_init(&body, BYTES_MAX);
    ls_buf_init(&answer, BYTES_MAX);
    ls_rpc_open(&batch, &body);
    (void)ls_rpc_send_transaction(&batch, tx->bytes, tx->length, LS_CONFIRMED,
                                  true); /* position 0 */
    ls_rpc_reply_free(ask(trial, &batch, &answer));
    ls_buf_done(&body);
    ls_buf_done(&answer);
}

static void pay(ls_trial *trial, const struct ls_address *to)
{
    uint8_t secret[64];
    uint8_t seed[crypto_sign_SEEDBYTES];
    struct ls_address stranger;
    struct ls_instruction gift;
    struct ls_rpc_blockhash head;
    struct ls_message message;
    struct ls_signature signature;
    struct ls_tx tx;
    for (size_t i = 0; i < sizeof seed; i++)
        seed[i] = (uint8_t)dice_roll(&trial->stranger_dice, 256);
    (void)crypto_sign_seed_keypair(stranger.bytes, secret, seed); /* cannot fail, as below */
    if (!read_blockhash(trial, &head)) return;
    ls_sim_ledger_fund(trial->ledger, &stranger, UINT64_C(100) * GIFT_LAMPORTS);
    ls_system_transfer(&gift, &stranger, to, GIFT_LAMPORTS);
    if (ls_failed(ls_message_compile(&stranger, &head.blockhash, &gift, 1, &message))) return;
    (void)crypto_sign_detached(signature.bytes, NULL, message.bytes, message.length, secret);
    if (ls_failed(ls_tx_assemble(&message, &signature, &tx))) return;
    send(trial, &tx);
}

void stranger_look(ls_trial *trial, struct watched *op)
{
    const bool is_meant = dice_chance(&trial->stranger_dice, trial->plan.stranger_ppm);
    if (!is_meant || !op->has_marker || !trial->is_chaos) return;
    const bool is_maker = op->shape == SHAPE_CREATE_MINT || op->shape == SHAPE_ACCOUNT;
    const struct ls_address marker =
        ls_derive_with_seed(&trial->payer, op->tag.marker, &LS_PROGRAM_SYSTEM);
    op->is_strange = true;
    trial_fire(trial, LS_FAULT_STRANGER);
    trial_trace(trial, "op %-4" PRId64 ": a stranger pays to its marker", op->op.value);
    pay(trial, is_maker ? &op->made : &marker);
}
