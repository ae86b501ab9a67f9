#include <stdio.h>
#include <string.h>

#include "lockstep/solana/intent.h"
#include "rival.h"

enum { RENT_BYTES = 128, RENT_LAMPORTS_A_BYTE = 6960 };

static const char *kind_name(enum shape shape)
{
    switch (shape) {
    case SHAPE_MEMO: return ls_kind_name(LS_KIND_MEMO);
    case SHAPE_EVENT: return ls_kind_name(LS_KIND_EVENT);
    case SHAPE_TRANSFER: return ls_kind_name(LS_KIND_SOL_TRANSFER);
    case SHAPE_INVOKE: return ls_kind_name(LS_KIND_PROGRAM_INVOKE);
    case SHAPE_ACCOUNT: return ls_kind_name(LS_KIND_ACCOUNT_CREATE);
    case SHAPE_CREATE_MINT: return ls_kind_name(LS_KIND_TOKEN_CREATE_MINT);
    case SHAPE_MINT_TO:
    case SHAPE_HOPELESS: return ls_kind_name(LS_KIND_TOKEN_MINT_TO);
    case SHAPE_BURN: return ls_kind_name(LS_KIND_TOKEN_BURN);
    case SHAPE_SEND: return ls_kind_name(LS_KIND_TOKEN_TRANSFER);
    }
    return "";
}

/* A key made anew stands for one that is derived from another text; what lands under it is
 * the same operation's. */
static struct ls_tag tag_of(ls_trial *trial, size_t op, int32_t variant)
{
    char key[64];
    const struct ls_hash genesis = ls_sim_ledger_genesis(trial->ledger);
    if (variant == 0) return trial->ops[op].tag;
    (void)snprintf(key, sizeof key, "%s#%d", trial->ops[op].key, (int)variant);
    const struct ls_tag tag = ls_tag_make(trial->tag_key, &genesis, key, strlen(key));
    if (!index_set(&trial->by_tag, index_hash(tag.text, strlen(tag.text)), (int64_t)op))
        trial->err = LS_FAIL(LS_CODE_NO_MEMORY, 0, "trial");
    return tag;
}

static bool read_intent(ls_trial *trial, size_t op, struct ls_intent *intent)
{
    const struct watched *watched = &trial->ops[op];
    struct ls_why why;
    const ls_err err = ls_intent_parse(kind_name(watched->shape), watched->payload,
                                       strlen(watched->payload), intent, &why);
    if (ls_failed(err)) return false;
    if (intent->mint_by_key) {
        intent->has_mint = true;
        intent->mint = trial->rows[watched->needs].mint;
        intent->mint_by_key = false;
    }
    const struct watched *mint = plan_mint_of(trial, watched);
    if (ls_intent_needs_mint(intent))
        intent->program = mint != NULL && mint->is_2022 ? LS_TOKEN_2022 : LS_TOKEN_CLASSIC;
    return true;
}

static bool sign_all(const struct rival *rival,
                     const struct ls_message *message,
                     struct ls_signature signatures_out[LS_TX_SIGNERS_MAX])
{
    const struct ls_signer_port *signer = &rival->ports.signer;
    for (size_t i = 0; i < message->signer_count; i++) {
        if (ls_failed(signer->sign(signer->self, &message->signers[i], message->bytes,
                                   message->length, &signatures_out[i])))
            return false;
    }
    return true;
}

bool rival_sign(struct rival *rival, size_t op, struct rival_row *row)
{
    ls_trial *trial = rival->process->trial;
    struct ls_intent intent;
    struct ls_message message;
    struct ls_signature signatures[LS_TX_SIGNERS_MAX];
    struct ls_tx tx;
    uint64_t space = 0;
    if (!read_intent(trial, op, &intent)) return false;
    struct ls_intent_context context = {.payer = trial->payer,
                                        .tag = tag_of(trial, op, row->variant)};
    const bool is_creating = ls_intent_creates(&intent, &space);
    if (is_creating) context.rent_lamports = (RENT_BYTES + space) * RENT_LAMPORTS_A_BYTE;
    if (ls_failed(ls_intent_build(&intent, &context, &rival->blockhash, &message)))
        return false;
    if (!sign_all(rival, &message, signatures)) return false;
    if (ls_failed(ls_tx_assemble(&message, signatures, &tx))) return false;
    if (is_creating) row->mint = ls_intent_created(&intent, &context);
    row->signature = signatures[0];
    row->last_valid_height = rival->last_valid_height;
    row->tx_bytes = tx.length;
    memcpy(row->tx, tx.bytes, tx.length);
    row->signed_count++;
    row->sent_ms = trial->now_ms;
    row->sent_wall_ms = weather_wall_ms(trial);
    return true;
}
