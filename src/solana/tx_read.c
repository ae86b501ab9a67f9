#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "lockstep/solana/tx.h"

enum { VERSIONED_MASK = 0x80, COMPACT_BYTES_MAX = 3 };

static const char what[] = "transaction read";

/* Reads front to back; a read past the end sets `is_bad` and everything after it gives
 * nothing. */
struct reader {
    const uint8_t *bytes;
    size_t left;
    bool is_bad;
};

static const uint8_t *get(struct reader *reader, size_t bytes_count)
{
    if (reader->is_bad || bytes_count > reader->left) {
        reader->is_bad = true;
        return NULL;
    }
    const uint8_t *bytes = reader->bytes;
    reader->bytes += bytes_count;
    reader->left -= bytes_count;
    return bytes;
}

static uint8_t get_byte(struct reader *reader)
{
    const uint8_t *byte = get(reader, 1);
    return byte == NULL ? 0 : *byte;
}

/* compact-u16 in its shortest form only, as the runtime demands: a longer form of the
 * same number would give one transaction two texts. */
static size_t get_compact(struct reader *reader)
{
    size_t number = 0;
    for (unsigned i = 0; i < COMPACT_BYTES_MAX; i++) {
        const uint8_t byte = get_byte(reader);
        number |= (size_t)(byte & 0x7f) << (7 * i);
        if ((byte & 0x80) != 0) continue;
        if ((i > 0 && byte == 0) || number > UINT16_MAX) break;
        return number;
    }
    reader->is_bad = true;
    return 0;
}

static bool indexes_are_sane(const struct ls_tx_view_instruction *instruction, size_t accounts)
{
    /* Account 0 pays and so cannot be a program. */
    if (instruction->program_index == 0 || instruction->program_index >= accounts) return false;
    for (size_t i = 0; i < instruction->account_count; i++)
        if (instruction->account_indexes[i] >= accounts) return false;
    return true;
}

static void get_instruction(struct reader *reader,
                            size_t accounts,
                            struct ls_tx_view_instruction *instruction)
{
    instruction->program_index = get_byte(reader);
    instruction->account_count = get_compact(reader);
    instruction->account_indexes = get(reader, instruction->account_count);
    instruction->data_bytes = get_compact(reader);
    instruction->data = get(reader, instruction->data_bytes);
    if (!reader->is_bad && !indexes_are_sane(instruction, accounts)) reader->is_bad = true;
}

static bool header_is_sane(const struct ls_tx_view *view)
{
    return view->required_signatures == view->signature_count && view->signature_count > 0 &&
           view->readonly_signed < view->required_signatures &&
           (size_t)view->required_signatures + view->readonly_unsigned <= view->account_count;
}

static bool accounts_are_distinct(const struct ls_tx_view *view)
{
    for (size_t i = 0; i < view->account_count; i++) {
        for (size_t j = i + 1; j < view->account_count; j++)
            if (ls_address_equal(&view->accounts[i], &view->accounts[j])) return false;
    }
    return true;
}

static ls_err read_message(struct reader *reader, struct ls_tx_view *view)
{
    view->required_signatures = get_byte(reader);
    if ((view->required_signatures & VERSIONED_MASK) != 0)
        return LS_FAIL(LS_CODE_REFUSED, 0, "transaction read: versioned message");
    view->readonly_signed = get_byte(reader);
    view->readonly_unsigned = get_byte(reader);
    view->account_count = get_compact(reader);
    view->accounts = (const void *)get(reader, view->account_count * LS_ADDRESS_BYTES);
    view->blockhash = (const void *)get(reader, LS_HASH_BYTES);
    view->instruction_count = get_compact(reader);
    if (reader->is_bad || !header_is_sane(view) || !accounts_are_distinct(view))
        return LS_FAIL(LS_CODE_CORRUPT, 0, what);
    if (view->instruction_count > LS_TX_INSTRUCTIONS_MAX)
        return LS_FAIL(LS_CODE_FULL, 0, "transaction read: instructions");

    for (size_t i = 0; i < view->instruction_count; i++)
        get_instruction(reader, view->account_count, &view->instructions[i]);
    if (reader->is_bad || reader->left != 0) return LS_FAIL(LS_CODE_CORRUPT, 0, what);
    return LS_OK;
}

ls_err ls_tx_read(const uint8_t *bytes, size_t bytes_count, struct ls_tx_view *view_out)
{
    assert(bytes != NULL || bytes_count == 0);
    if (bytes_count > LS_TX_BYTES_MAX) return LS_FAIL(LS_CODE_CORRUPT, 0, what);

    struct reader reader = {.bytes = bytes, .left = bytes_count};
    struct ls_tx_view view = {0};
    view.signature_count = get_compact(&reader);
    view.signatures = (const void *)get(&reader, view.signature_count * LS_SIGNATURE_BYTES);
    if (reader.is_bad || reader.left == 0) return LS_FAIL(LS_CODE_CORRUPT, 0, what);
    view.message = reader.bytes;
    view.message_bytes = reader.left;
    LS_TRY(read_message(&reader, &view));

    *view_out = view;
    return LS_OK;
}

bool ls_tx_view_is_signer(const struct ls_tx_view *view, size_t account)
{
    assert(account < view->account_count);
    return account < view->required_signatures;
}

bool ls_tx_view_is_writable(const struct ls_tx_view *view, size_t account)
{
    assert(account < view->account_count);
    if (account < view->required_signatures)
        return account < (size_t)view->required_signatures - view->readonly_signed;
    return account < view->account_count - view->readonly_unsigned;
}

bool ls_tx_verify(const struct ls_tx_view *view)
{
    for (size_t i = 0; i < view->signature_count; i++) {
        if (crypto_sign_verify_detached(view->signatures[i].bytes, view->message,
                                        view->message_bytes, view->accounts[i].bytes) != 0)
            return false;
    }
    return view->signature_count > 0;
}
