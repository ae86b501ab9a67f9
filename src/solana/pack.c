#include "lockstep/solana/pack.h"

#include <assert.h>
#include <string.h>

#include "lockstep/solana/program.h"
#include "plan.h"

enum {
    /* one byte each: count of signatures, three of the header, count of accounts, count of
     * instructions (both below 128); then the blockhash */
    FIXED_BYTES = 1 + 3 + 1 + 1 + LS_HASH_BYTES,
    COMPACT_ONE_BYTE_MAX = 0x7f,
};

static const char memo_head[] = "ls1:";

static size_t compact_bytes(size_t number)
{
    return number <= COMPACT_ONE_BYTE_MAX ? 1 : 2;
}

static bool gather(struct ls_pack *pack, const struct ls_account_meta *meta)
{
    size_t i = 0;
    while (i < pack->account_count &&
           !ls_address_equal(&pack->accounts[i].address, &meta->address))
        i++;
    if (i == pack->account_count) {
        if (pack->account_count == LS_TX_ACCOUNTS_MAX) return false;
        pack->accounts[pack->account_count++] = *meta;
        pack->bytes += LS_ADDRESS_BYTES;
        pack->accounts[i].is_signer = false;
    }
    if (meta->is_signer && !pack->accounts[i].is_signer) {
        pack->accounts[i].is_signer = true;
        pack->signer_count++;
        pack->bytes += LS_SIGNATURE_BYTES;
    }
    return true;
}

static bool gather_instruction(struct ls_pack *pack, const struct ls_instruction *instruction)
{
    const struct ls_account_meta program = {.address = instruction->program};
    if (!gather(pack, &program)) return false;
    for (size_t i = 0; i < instruction->account_count; i++)
        if (!gather(pack, &instruction->accounts[i])) return false;
    pack->bytes += 1 + compact_bytes(instruction->account_count) + instruction->account_count +
                   compact_bytes(instruction->data_bytes) + instruction->data_bytes;
    return true;
}

void ls_pack_open(struct ls_pack *pack, const struct ls_address *payer)
{
    const struct ls_account_meta paying = {
        .address = *payer, .is_signer = true, .is_writable = true};
    pack->payer = *payer;
    pack->count = pack->signer_count = pack->account_count = pack->instruction_count = 0;
    pack->bytes = FIXED_BYTES;
    const bool fits = gather(pack, &paying);
    assert(fits);
}

/* Back to what it was before an operation that does not fit. What it widened of accounts
 * that stay is narrowed again by gathering anew. */
static void regather(struct ls_pack *pack, size_t instruction_count)
{
    const size_t count = pack->count;
    const struct ls_address payer = pack->payer;
    ls_pack_open(pack, &payer);
    for (size_t i = 0; i < instruction_count; i++) {
        const bool fits = gather_instruction(pack, &pack->instructions[i]);
        assert(fits);
    }
    pack->instruction_count = instruction_count;
    pack->count = count;
}

ls_err ls_pack_add(struct ls_pack *pack,
                   const struct ls_intent *intent,
                   const struct ls_intent_context *context)
{
    assert(ls_address_equal(&pack->payer, &context->payer));
    const size_t first = pack->instruction_count;
    if (pack->count == LS_PACK_OPS_MAX ||
        first + PLAN_INSTRUCTIONS_MAX > LS_TX_INSTRUCTIONS_MAX)
        return LS_FAIL(LS_CODE_FULL, 0, "pack");

    struct plan plan = {
        .intent = intent, .context = context, .instructions = &pack->instructions[first]};
    LS_TRY(plan_intent(&plan)); /* writes beyond instruction_count: nothing is lost */
    bool fits = true;
    for (size_t i = 0; i < plan.count && fits; i++)
        fits = gather_instruction(pack, &plan.instructions[i]);
    if (!fits || pack->signer_count > LS_TX_SIGNERS_MAX || pack->bytes > LS_TX_BYTES_MAX) {
        regather(pack, first);
        return LS_FAIL(LS_CODE_FULL, 0, "pack");
    }
    pack->instruction_count += plan.count;
    pack->count++;
    return LS_OK;
}

bool ls_pack_set_unit_limit(struct ls_pack *pack, uint32_t units)
{
    struct ls_instruction limit;
    ls_compute_unit_limit(&limit, units);
    for (size_t i = 0; i < pack->instruction_count; i++) {
        struct ls_instruction *at = &pack->instructions[i];
        if (!ls_address_equal(&at->program, &LS_PROGRAM_COMPUTE_BUDGET) ||
            at->data_bytes != limit.data_bytes || at->data[0] != limit.data[0])
            continue;
        *at = limit;
        return true;
    }
    return false;
}

ls_err ls_pack_compile(const struct ls_pack *pack,
                       const struct ls_hash *blockhash,
                       struct ls_message *message_out)
{
    assert(pack->count > 0);
    return ls_message_compile(&pack->payer, blockhash, pack->instructions,
                              pack->instruction_count, message_out);
}

static bool is_memo_of_ours(const struct ls_tx_view *view, size_t at)
{
    const struct ls_tx_view_instruction *instruction = &view->instructions[at];
    return ls_address_equal(&view->accounts[instruction->program_index], &LS_PROGRAM_MEMO) &&
           instruction->data_bytes >= sizeof memo_head - 1 &&
           memcmp(instruction->data, memo_head, sizeof memo_head - 1) == 0;
}

size_t ls_pack_count(const struct ls_tx_view *view)
{
    size_t count = 0;
    for (size_t i = 0; i < view->instruction_count; i++)
        if (is_memo_of_ours(view, i)) count++;
    return count;
}

static bool names(const struct ls_tx_view_instruction *memo, const struct ls_tag *tag)
{
    const size_t tag_bytes = strlen(tag->text);
    const size_t length = sizeof memo_head - 1 + tag_bytes;
    if (memo->data_bytes < length) return false;
    if (memcmp(memo->data + sizeof memo_head - 1, tag->text, tag_bytes) != 0) return false;
    return memo->data_bytes == length || memo->data[length] == ' ';
}

bool ls_pack_range(const struct ls_tx_view *view,
                   const struct ls_tag *tag,
                   size_t *first_out,
                   size_t *end_out)
{
    size_t first = 0;
    for (size_t i = 0; i < view->instruction_count; i++) {
        if (!is_memo_of_ours(view, i)) continue;
        if (names(&view->instructions[i], tag)) {
            *first_out = first;
            *end_out = i + 1;
            return true;
        }
        first = i + 1;
    }
    return false;
}
