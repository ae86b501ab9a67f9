#include "lockstep/sim/sim_ledger.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "lockstep/solana/nonce.h"
#include "lockstep/solana/program.h"

#include "sim_state.h"

enum { SLOT_MS = 400, FINALITY_SLOTS = 32, FINALITY_SLOTS_MAX = 1000, PROGRAM_SPACE = 36 };
enum { CHAIN_STREAM, FAULT_STREAM, TRANSPORT_STREAM };

/* NativeLoader1111111111111111111111111111111, BPFLoader2111111111111111111111111111111111 */
static const struct ls_address native_loader = {
    {0x05, 0x87, 0x84, 0xbf, 0x14, 0x8b, 0xa4, 0x28, 0x2f, 0xb0, 0x12,
     0x57, 0x48, 0x88, 0xa9, 0xf1, 0x53, 0xa0, 0x7d, 0xad, 0xf7, 0x65,
     0xc0, 0x45, 0x5c, 0x9a, 0x97, 0x03, 0x80, 0x00, 0x00, 0x00}};
static const struct ls_address bpf_loader = {{0x02, 0xa8, 0xf6, 0x91, 0x4e, 0x88, 0xa1, 0x6e,
                                              0x39, 0x5a, 0xe1, 0x28, 0x94, 0x8f, 0xfa, 0x69,
                                              0x56, 0x93, 0x37, 0x68, 0x18, 0xdd, 0x47, 0x43,
                                              0x52, 0x21, 0xf3, 0xc6, 0x00, 0x00, 0x00, 0x00}};

static ls_err check_options(struct ls_sim_ledger_options *options)
{
    if (options->slot_ms == 0) options->slot_ms = SLOT_MS;
    if (options->finality_slots == 0) options->finality_slots = FINALITY_SLOTS;
    if (options->endpoint_count == 0) options->endpoint_count = 1;
    if (options->history_max == 0) options->history_max = LS_SIM_HISTORY_MAX;
    if (options->pool_max == 0) options->pool_max = LS_SIM_POOL_MAX;
    if (options->history_max < 0 || options->history_max > LS_SIM_HISTORY_MAX ||
        options->pool_max < 0 || options->pool_max > LS_SIM_POOL_MAX)
        return LS_FAIL(LS_CODE_INVALID, 0, "simulated ledger options");
    if (options->slot_ms < 0 || options->finality_slots < 2 ||
        options->finality_slots > FINALITY_SLOTS_MAX || options->endpoint_count < 1 ||
        options->endpoint_count > LS_SIM_ENDPOINTS_MAX)
        return LS_FAIL(LS_CODE_INVALID, 0, "simulated ledger options");
    return LS_OK;
}

static void make_keys(ls_sim_ledger *ledger)
{
    static const char label[] = "lockstep simulated genesis";
    uint8_t seed[8];
    for (unsigned i = 0; i < 8; i++) seed[i] = (uint8_t)(ledger->options.seed >> (8 * i));
    crypto_hash_sha256_state state;
    (void)crypto_hash_sha256_init(&state);
    (void)crypto_hash_sha256_update(&state, (const uint8_t *)label, sizeof label);
    (void)crypto_hash_sha256_update(&state, seed, sizeof seed);
    (void)crypto_hash_sha256_final(&state, ledger->genesis.bytes);
    memcpy(ledger->index_key, ledger->genesis.bytes, sizeof ledger->index_key);
    memcpy(ledger->accounts.key, ledger->genesis.bytes, sizeof ledger->accounts.key);
    ledger->chain_random = ls_sim_random_make(ledger->options.seed, CHAIN_STREAM);
    ledger->fault_random = ls_sim_random_make(ledger->options.seed, FAULT_STREAM);
    ledger->transport_random = ls_sim_random_make(ledger->options.seed, TRANSPORT_STREAM);
}

static bool add_programs(ls_sim_ledger *ledger)
{
    size_t count = 0;
    const struct ls_sim_program *programs = ls_sim_program_list(&count);
    for (size_t i = 0; i < count; i++) {
        uint32_t number = ls_sim_accounts_intern(&ledger->accounts, programs[i].address);
        if (number == LS_SIM_NONE || !ls_sim_accounts_reserve(&ledger->accounts, &number, 1))
            return false;
        struct ls_sim_content content = {.lamports = ls_sim_rent_lamports(PROGRAM_SPACE),
                                         .owner = programs[i].is_builtin ? native_loader
                                                                         : bpf_loader,
                                         .space = PROGRAM_SPACE,
                                         .is_executable = true};
        ls_sim_accounts_write(&ledger->accounts, number, 0, 0, &content);
    }
    return true;
}

ls_err ls_sim_ledger_new(const struct ls_sim_ledger_options *options,
                         ls_sim_ledger **ledger_out)
{
    assert(options != NULL);
    assert(ledger_out != NULL);
    struct ls_sim_ledger_options checked = *options;
    LS_TRY(check_options(&checked));
    if (sodium_init() < 0) return LS_FAIL(LS_CODE_UNAVAILABLE, 0, "libsodium");
    ls_sim_ledger *ledger = calloc(1, sizeof *ledger);
    if (ledger == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "simulated ledger");
    ledger->options = checked;
    ledger->tx_free = LS_SIM_NONE;
    make_keys(ledger);
    if (!add_programs(ledger) || !ls_sim_chain_begin(ledger)) {
        ls_sim_ledger_free(ledger);
        return LS_FAIL(LS_CODE_NO_MEMORY, 0, "simulated ledger");
    }
    static const struct ls_address none = {{0}};
    if (!ls_address_equal(&checked.faucet_unlimited, &none))
        ls_sim_ledger_fund(ledger, &checked.faucet_unlimited, UINT64_C(1) << 62);
    *ledger_out = ledger;
    return LS_OK;
}

void ls_sim_ledger_free(ls_sim_ledger *ledger)
{
    if (ledger == NULL) return;
    ls_sim_txs_done(ledger);
    ls_sim_accounts_done(&ledger->accounts);
    free(ledger->blocks);
    free(ledger);
}

void ls_sim_ledger_advance(ls_sim_ledger *ledger, int64_t now_ms)
{
    if (!ledger->has_started) {
        ledger->has_started = true;
        ledger->origin_ms = now_ms;
        return;
    }
    int64_t due = (now_ms - ledger->origin_ms) / ledger->options.slot_ms;
    if (due > LS_SIM_ADVANCE_SLOTS_MAX) due = LS_SIM_ADVANCE_SLOTS_MAX;
    for (int64_t i = 0; i < due; i++) ls_sim_chain_end_slot(ledger);
    if (due > 0) ledger->origin_ms += due * ledger->options.slot_ms;
    if (due == LS_SIM_ADVANCE_SLOTS_MAX) ledger->origin_ms = now_ms;
}

int64_t ls_sim_ledger_next_ms(const ls_sim_ledger *ledger)
{
    return ledger->has_started ? ledger->origin_ms + ledger->options.slot_ms : 0;
}

struct ls_hash ls_sim_ledger_genesis(const ls_sim_ledger *ledger)
{
    return ledger->genesis;
}

void ls_sim_ledger_fund(ls_sim_ledger *ledger,
                        const struct ls_address *address,
                        uint64_t lamports)
{
    uint32_t number = ls_sim_accounts_intern(&ledger->accounts, address);
    if (number == LS_SIM_NONE || !ls_sim_accounts_reserve(&ledger->accounts, &number, 1))
        return;
    ls_sim_accounts_fund(&ledger->accounts, number, ledger->oldest_height, lamports);
}

void ls_sim_ledger_add_nonce(ls_sim_ledger *ledger,
                             const struct ls_address *address,
                             const struct ls_address *authority)
{
    uint32_t number = ls_sim_accounts_intern(&ledger->accounts, address);
    if (number == LS_SIM_NONE || !ls_sim_accounts_reserve(&ledger->accounts, &number, 1))
        return;
    const struct ls_sim_content content = {
        .lamports = ls_sim_rent_lamports(LS_NONCE_ACCOUNT_BYTES),
        .owner = LS_PROGRAM_SYSTEM,
        .space = LS_NONCE_ACCOUNT_BYTES,
        .kind = LS_SIM_NONCE,
        .authority = *authority,
        .value = ls_nonce_value(&ledger->genesis),
    };
    ls_sim_accounts_write(&ledger->accounts, number, ledger->oldest_height,
                          ledger->oldest_height, &content);
}

static const struct ls_sim_content *newest_content(const ls_sim_ledger *ledger,
                                                   const struct ls_address *address)
{
    return ls_sim_accounts_read(&ledger->accounts,
                                ls_sim_accounts_find(&ledger->accounts, address), INT32_MAX);
}

uint64_t ls_sim_ledger_balance(const ls_sim_ledger *ledger, const struct ls_address *address)
{
    const struct ls_sim_content *content = newest_content(ledger, address);
    return content == NULL ? 0 : content->lamports;
}

uint64_t ls_sim_ledger_supply(const ls_sim_ledger *ledger, const struct ls_address *mint)
{
    const struct ls_sim_content *content = newest_content(ledger, mint);
    return content == NULL || content->kind != LS_SIM_MINT ? 0 : content->amount;
}

uint64_t ls_sim_ledger_tokens(const ls_sim_ledger *ledger, const struct ls_address *account)
{
    const struct ls_sim_content *content = newest_content(ledger, account);
    return content == NULL || content->kind != LS_SIM_TOKEN ? 0 : content->amount;
}

bool ls_sim_ledger_account(const ls_sim_ledger *ledger,
                           const struct ls_address *address,
                           struct ls_address *owner_out,
                           uint64_t *space_out)
{
    const struct ls_sim_content *content = newest_content(ledger, address);
    if (content == NULL || content->lamports == 0) return false;
    *owner_out = content->owner;
    *space_out = content->space;
    return true;
}

static void read_memos(const struct ls_tx_view *view, struct ls_sim_landing *landing)
{
    size_t at = 0;
    landing->memo_count = 0;
    landing->memos[0] = '\0';
    for (size_t i = 0; i < view->instruction_count; i++) {
        const struct ls_tx_view_instruction *instruction = &view->instructions[i];
        if (!ls_address_equal(&view->accounts[instruction->program_index], &LS_PROGRAM_MEMO))
            continue;
        assert(at + instruction->data_bytes < LS_TX_BYTES_MAX); /* each has three more there */
        memcpy(landing->memos + at, instruction->data, instruction->data_bytes);
        at += instruction->data_bytes;
        landing->memos[at++] = '\0';
        landing->memo_count++;
    }
}

void ls_sim_ledger_landings(const ls_sim_ledger *ledger,
                            size_t known,
                            void (*take)(void *self, const struct ls_sim_landing *landing),
                            void *self)
{
    int32_t root = ls_sim_chain_height(ledger, 0, LS_FINALIZED);
    for (size_t i = known; i < ledger->landed_count; i++) {
        const struct ls_sim_tx *tx = &ledger->txs[ledger->landed[i]];
        if (tx->height > root) return;
        struct ls_tx_view view;
        struct ls_sim_landing landing;
        ls_sim_txs_view(tx, &view);
        landing.signature = view.signatures[0];
        landing.slot = ledger->blocks[tx->height].slot;
        landing.has_error = tx->error.code != LS_SIM_TX_OK;
        read_memos(&view, &landing);
        take(self, &landing);
    }
}

bool ls_sim_ledger_is_finalized(const ls_sim_ledger *ledger,
                                const struct ls_signature *signature,
                                bool *has_error_out)
{
    uint32_t number = ls_sim_txs_find(ledger, signature);
    if (number == LS_SIM_NONE) return false;
    const struct ls_sim_tx *tx = &ledger->txs[number];
    if (tx->state != LS_SIM_TX_LANDED) return false;
    if (tx->height > ls_sim_chain_height(ledger, 0, LS_FINALIZED)) return false;
    *has_error_out = tx->error.code != LS_SIM_TX_OK;
    return true;
}
