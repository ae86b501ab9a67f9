#include "lockstep/solana/tx.h"

#include <assert.h>
#include <string.h>

enum { SIGNATURE_COUNT_BYTES = 1, COMPACT_ONE_BYTE_MAX = 0x7f };

/* The accounts of a message while they are gathered, in the order of first use. */
struct account_set {
    size_t count;
    struct ls_account_meta accounts[LS_TX_ACCOUNTS_MAX];
};

/* Bytes are written until one does not fit; then the writer stays full. */
struct writer {
    uint8_t *bytes;
    size_t length;
    size_t max;
    bool is_full;
};

static void put(struct writer *writer, const void *bytes, size_t bytes_count)
{
    if (writer->is_full || bytes_count > writer->max - writer->length) {
        writer->is_full = true;
        return;
    }
    memcpy(writer->bytes + writer->length, bytes, bytes_count);
    writer->length += bytes_count;
}

static void put_byte(struct writer *writer, size_t byte)
{
    assert(byte <= UINT8_MAX);
    const uint8_t narrow = (uint8_t)byte;
    put(writer, &narrow, 1);
}

/* compact-u16: seven bits a byte, low first; nothing in a packet needs a third byte. */
static void put_compact(struct writer *writer, size_t number)
{
    assert(number < 1u << 14);
    if (number <= COMPACT_ONE_BYTE_MAX) {
        put_byte(writer, number);
        return;
    }
    put_byte(writer, (number & COMPACT_ONE_BYTE_MAX) | 0x80);
    put_byte(writer, number >> 7);
}

static size_t find_account(const struct account_set *set, const struct ls_address *address)
{
    size_t i = 0;
    while (i < set->count && !ls_address_equal(&set->accounts[i].address, address)) i++;
    return i;
}

/* Add an account or widen the rights of one that is there; false when there is no room. */
static bool gather(struct account_set *set, const struct ls_account_meta *meta)
{
    const size_t i = find_account(set, &meta->address);
    if (i == set->count) {
        if (set->count == LS_TX_ACCOUNTS_MAX) return false;
        set->accounts[set->count++] = *meta;
        return true;
    }
    set->accounts[i].is_signer |= meta->is_signer;
    set->accounts[i].is_writable |= meta->is_writable;
    return true;
}

static bool gather_all(struct account_set *set,
                       const struct ls_address *payer,
                       const struct ls_instruction *instructions,
                       size_t count)
{
    const struct ls_account_meta paying = {
        .address = *payer, .is_signer = true, .is_writable = true};
    if (!gather(set, &paying)) return false;

    for (size_t i = 0; i < count; i++) {
        const struct ls_instruction *instruction = &instructions[i];
        const struct ls_account_meta program = {.address = instruction->program};
        if (!gather(set, &program)) return false;
        for (size_t j = 0; j < instruction->account_count; j++)
            if (!gather(set, &instruction->accounts[j])) return false;
    }
    return true;
}

/* Append to `sorted` those accounts of `set` that have exactly these rights; returns
 * how many. */
static size_t
take_class(const struct account_set *set, struct account_set *sorted, bool signs, bool writes)
{
    size_t taken = 0;
    for (size_t i = 0; i < set->count; i++) {
        const struct ls_account_meta *meta = &set->accounts[i];
        if (meta->is_signer != signs || meta->is_writable != writes) continue;
        sorted->accounts[sorted->count++] = *meta;
        taken++;
    }
    return taken;
}

static void put_instruction(struct writer *writer,
                            const struct account_set *sorted,
                            const struct ls_instruction *instruction)
{
    put_byte(writer, find_account(sorted, &instruction->program));
    put_compact(writer, instruction->account_count);
    for (size_t i = 0; i < instruction->account_count; i++)
        put_byte(writer, find_account(sorted, &instruction->accounts[i].address));
    put_compact(writer, instruction->data_bytes);
    put(writer, instruction->data, instruction->data_bytes);
}

static void put_accounts(struct writer *writer, const struct account_set *sorted)
{
    put_compact(writer, sorted->count);
    for (size_t i = 0; i < sorted->count; i++)
        put(writer, sorted->accounts[i].address.bytes, LS_ADDRESS_BYTES);
}

ls_err ls_message_compile(const struct ls_address *payer,
                          const struct ls_hash *blockhash,
                          const struct ls_instruction *instructions,
                          size_t count,
                          struct ls_message *message_out)
{
    static const char what[] = "message compile";
    assert(instructions != NULL || count == 0);
    if (count > LS_TX_INSTRUCTIONS_MAX) return LS_FAIL(LS_CODE_FULL, 0, what);

    struct account_set set = {0};
    struct account_set sorted = {0};
    if (!gather_all(&set, payer, instructions, count)) return LS_FAIL(LS_CODE_FULL, 0, what);
    const size_t signing = take_class(&set, &sorted, true, true);
    const size_t signing_readonly = take_class(&set, &sorted, true, false);
    (void)take_class(&set, &sorted, false, true); /* implied by the other three */
    const size_t readonly = take_class(&set, &sorted, false, false);
    const size_t signers = signing + signing_readonly;
    if (signers > LS_TX_SIGNERS_MAX) return LS_FAIL(LS_CODE_FULL, 0, what);

    struct ls_message message = {.signer_count = signers};
    struct writer writer = {.bytes = message.bytes,
                            .max = sizeof message.bytes - SIGNATURE_COUNT_BYTES -
                                   signers * LS_SIGNATURE_BYTES};
    put_byte(&writer, signers);
    put_byte(&writer, signing_readonly);
    put_byte(&writer, readonly);
    put_accounts(&writer, &sorted);
    put(&writer, blockhash->bytes, LS_HASH_BYTES);
    put_compact(&writer, count);
    for (size_t i = 0; i < count; i++) put_instruction(&writer, &sorted, &instructions[i]);
    if (writer.is_full) return LS_FAIL(LS_CODE_FULL, 0, what);

    message.length = writer.length;
    for (size_t i = 0; i < signers; i++) message.signers[i] = sorted.accounts[i].address;
    *message_out = message;
    return LS_OK;
}

ls_err ls_tx_assemble(const struct ls_message *message,
                      const struct ls_signature *signatures,
                      struct ls_tx *tx_out)
{
    assert(message->signer_count >= 1);
    assert(message->signer_count <= LS_TX_SIGNERS_MAX);

    struct ls_tx tx = {0};
    struct writer writer = {.bytes = tx.bytes, .max = sizeof tx.bytes};
    put_compact(&writer, message->signer_count);
    for (size_t i = 0; i < message->signer_count; i++)
        put(&writer, signatures[i].bytes, LS_SIGNATURE_BYTES);
    put(&writer, message->bytes, message->length);
    if (writer.is_full) return LS_FAIL(LS_CODE_FULL, 0, "transaction assemble");

    tx.length = writer.length;
    *tx_out = tx;
    return LS_OK;
}
