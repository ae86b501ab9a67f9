#include "lockstep/solana/program.h"

#include <string.h>

#include "sim_run.h"

/* The two token programs: InitializeMint2, SetAuthority of who mints, MintTo, Burn, Transfer,
 * the last three also in their Checked form; Token-2022 with metadata that stands in the
 * mint. The data is a u8 tag, then the fields. */
enum {
    TRANSFER = 3,
    SET_AUTHORITY = 6,
    MINT_TO = 7,
    BURN = 8,
    TRANSFER_CHECKED = 12,
    MINT_TO_CHECKED = 14,
    BURN_CHECKED = 15,
    INITIALIZE_MINT2 = 20,
    METADATA_POINTER = 39
};
enum { AUTHORITY_MINT = 0 };
enum {
    NOT_RENT_EXEMPT = 0,
    TOO_LITTLE = 1,
    OTHER_MINT = 3,
    OTHER_OWNER = 4,
    FIXED_SUPPLY = 5,
    IN_USE = 6,
    UNKNOWN_INSTRUCTION = 12,
    OVERFLOW = 14,
    OTHER_AUTHORITY = 15,
    OTHER_DECIMALS = 18,
    EXTENDED_ALREADY = 22
};

#define DONE ls_sim_outcome_of(LS_SIM_OK)

static bool is_ours(const struct ls_sim_frame *frame, const struct ls_sim_content *content)
{
    return ls_address_equal(&content->owner, ls_sim_frame_program(frame));
}

static bool is_classic(const struct ls_sim_frame *frame)
{
    return ls_address_equal(ls_sim_frame_program(frame), &LS_PROGRAM_TOKEN);
}

/* What unpacking an account as `kind` comes to. */
static struct ls_sim_outcome unpack(const struct ls_sim_frame *frame,
                                    const struct ls_sim_content *content,
                                    enum ls_sim_kind kind)
{
    uint32_t space = kind == LS_SIM_MINT ? LS_MINT_ACCOUNT_BYTES : LS_TOKEN_ACCOUNT_BYTES;
    bool is_sound = content->space == space;
    if (!is_classic(frame)) {
        if (!is_ours(frame, content)) return ls_sim_outcome_of(LS_SIM_INCORRECT_PROGRAM);
        is_sound = is_sound || content->space > LS_TOKEN_ACCOUNT_BYTES;
    }
    if (!is_sound) return ls_sim_outcome_of(LS_SIM_INVALID_ACCOUNT_DATA);
    if (content->kind != kind) return ls_sim_outcome_of(LS_SIM_UNINITIALIZED);
    if (!is_ours(frame, content)) return ls_sim_outcome_of(LS_SIM_INCORRECT_PROGRAM);
    return DONE;
}

static struct ls_sim_outcome
authorize(const struct ls_sim_frame *frame, const struct ls_address *expected, size_t at)
{
    if (!ls_address_equal(expected, ls_sim_frame_key(frame, at)))
        return ls_sim_outcome_custom(OTHER_OWNER);
    if (!ls_sim_frame_is_signer(frame, at)) return ls_sim_outcome_of(LS_SIM_MISSING_SIGNATURE);
    return DONE;
}

static struct ls_sim_outcome initialize_mint(const struct ls_sim_frame *frame)
{
    const struct ls_tx_view_instruction *instruction = frame->instruction;
    if (instruction->data_bytes < 1 + 1 + 32 + 1)
        return ls_sim_outcome_custom(UNKNOWN_INSTRUCTION);
    uint8_t freeze = instruction->data[34];
    if (freeze > 1 || (freeze == 1 && instruction->data_bytes < 67))
        return ls_sim_outcome_custom(UNKNOWN_INSTRUCTION);
    if (instruction->account_count < 1) return ls_sim_outcome_of(LS_SIM_NOT_ENOUGH_KEYS);
    struct ls_sim_content *mint = ls_sim_frame_content(frame, 0);
    if (mint->space != (mint->has_pointer ? LS_POINTED_MINT_BYTES : LS_MINT_ACCOUNT_BYTES))
        return ls_sim_outcome_of(LS_SIM_INVALID_ACCOUNT_DATA);
    if (mint->kind != LS_SIM_PLAIN) return ls_sim_outcome_custom(IN_USE);
    if (mint->lamports < ls_sim_rent_lamports(mint->space))
        return ls_sim_outcome_custom(NOT_RENT_EXEMPT);
    if (!is_ours(frame, mint)) return ls_sim_outcome_of(LS_SIM_FOREIGN_DATA);
    if (!ls_sim_frame_is_writable(frame, 0)) return ls_sim_outcome_of(LS_SIM_READONLY_DATA);

    mint->kind = LS_SIM_MINT;
    mint->decimals = instruction->data[1];
    mint->has_authority = true;
    memcpy(mint->authority.bytes, instruction->data + 2, LS_ADDRESS_BYTES);
    mint->has_freeze = freeze == 1;
    if (mint->has_freeze) memcpy(mint->mint.bytes, instruction->data + 35, LS_ADDRESS_BYTES);
    return DONE;
}

/* Accounts: the mint, who mints now. Only taking the right to mint away or handing it on. */
static struct ls_sim_outcome set_authority(const struct ls_sim_frame *frame)
{
    const struct ls_tx_view_instruction *instruction = frame->instruction;
    if (instruction->data_bytes < 3) return ls_sim_outcome_custom(UNKNOWN_INSTRUCTION);
    bool has_next = instruction->data[2] == 1;
    if (instruction->data[2] > 1 || (has_next && instruction->data_bytes < 3 + 32))
        return ls_sim_outcome_custom(UNKNOWN_INSTRUCTION);
    if (instruction->account_count < 2) return ls_sim_outcome_of(LS_SIM_NOT_ENOUGH_KEYS);
    struct ls_sim_content *mint = ls_sim_frame_content(frame, 0);
    struct ls_sim_outcome outcome = unpack(frame, mint, LS_SIM_MINT);
    if (outcome.code != LS_SIM_OK) return outcome;
    if (instruction->data[1] != AUTHORITY_MINT) return ls_sim_outcome_custom(OTHER_AUTHORITY);
    if (!mint->has_authority) return ls_sim_outcome_custom(FIXED_SUPPLY);
    outcome = authorize(frame, &mint->authority, 1);
    if (outcome.code != LS_SIM_OK) return outcome;
    if (!ls_sim_frame_is_writable(frame, 0)) return ls_sim_outcome_of(LS_SIM_READONLY_DATA);
    mint->has_authority = has_next;
    if (has_next) memcpy(mint->authority.bytes, instruction->data + 3, LS_ADDRESS_BYTES);
    return DONE;
}

/* The amount, with the mint's decimals checked when the instruction carries them. */
struct order {
    uint64_t amount;
    bool has_decimals;
    uint8_t decimals;
};

static bool read_order(const struct ls_sim_frame *frame, bool is_checked, struct order *order)
{
    const struct ls_tx_view_instruction *instruction = frame->instruction;
    if (instruction->data_bytes < (is_checked ? 10u : 9u)) return false;
    order->amount = ls_sim_read_u64(instruction->data + 1);
    order->has_decimals = is_checked;
    order->decimals = is_checked ? instruction->data[9] : 0;
    return true;
}

static struct ls_sim_outcome mint_to(const struct ls_sim_frame *frame,
                                     const struct order *order)
{
    struct ls_sim_content *mint = ls_sim_frame_content(frame, 0);
    struct ls_sim_content *to = ls_sim_frame_content(frame, 1);
    struct ls_sim_outcome outcome = unpack(frame, to, LS_SIM_TOKEN);
    if (outcome.code != LS_SIM_OK) return outcome;
    if (!ls_address_equal(&to->mint, ls_sim_frame_key(frame, 0)))
        return ls_sim_outcome_custom(OTHER_MINT);
    outcome = unpack(frame, mint, LS_SIM_MINT);
    if (outcome.code != LS_SIM_OK) return outcome;
    if (order->has_decimals && order->decimals != mint->decimals)
        return ls_sim_outcome_custom(OTHER_DECIMALS);
    if (!mint->has_authority) return ls_sim_outcome_custom(FIXED_SUPPLY);
    outcome = authorize(frame, &mint->authority, 2);
    if (outcome.code != LS_SIM_OK) return outcome;
    if (order->amount > UINT64_MAX - mint->amount) return ls_sim_outcome_custom(OVERFLOW);
    if (!ls_sim_frame_is_writable(frame, 0) || !ls_sim_frame_is_writable(frame, 1))
        return ls_sim_outcome_of(LS_SIM_READONLY_DATA);
    mint->amount += order->amount;
    to->amount += order->amount;
    return DONE;
}

static struct ls_sim_outcome burn(const struct ls_sim_frame *frame, const struct order *order)
{
    struct ls_sim_content *from = ls_sim_frame_content(frame, 0);
    struct ls_sim_content *mint = ls_sim_frame_content(frame, 1);
    struct ls_sim_outcome outcome = unpack(frame, from, LS_SIM_TOKEN);
    if (outcome.code != LS_SIM_OK) return outcome;
    outcome = unpack(frame, mint, LS_SIM_MINT);
    if (outcome.code != LS_SIM_OK) return outcome;
    if (from->amount < order->amount) return ls_sim_outcome_custom(TOO_LITTLE);
    if (!ls_address_equal(&from->mint, ls_sim_frame_key(frame, 1)))
        return ls_sim_outcome_custom(OTHER_MINT);
    if (order->has_decimals && order->decimals != mint->decimals)
        return ls_sim_outcome_custom(OTHER_DECIMALS);
    outcome = authorize(frame, &from->authority, 2);
    if (outcome.code != LS_SIM_OK) return outcome;
    if (!ls_sim_frame_is_writable(frame, 0) || !ls_sim_frame_is_writable(frame, 1))
        return ls_sim_outcome_of(LS_SIM_READONLY_DATA);
    from->amount -= order->amount;
    mint->amount -= order->amount;
    return DONE;
}

/* Accounts: source, destination, owner; the Checked form has the mint as second. */
static struct ls_sim_outcome transfer(const struct ls_sim_frame *frame,
                                      const struct order *order)
{
    size_t to_at = order->has_decimals ? 2 : 1;
    struct ls_sim_content *from = ls_sim_frame_content(frame, 0);
    struct ls_sim_content *to = ls_sim_frame_content(frame, to_at);
    struct ls_sim_outcome outcome = unpack(frame, from, LS_SIM_TOKEN);
    if (outcome.code != LS_SIM_OK) return outcome;
    outcome = unpack(frame, to, LS_SIM_TOKEN);
    if (outcome.code != LS_SIM_OK) return outcome;
    if (from->amount < order->amount) return ls_sim_outcome_custom(TOO_LITTLE);
    if (!ls_address_equal(&from->mint, &to->mint)) return ls_sim_outcome_custom(OTHER_MINT);
    if (order->has_decimals) {
        const struct ls_sim_content *mint = ls_sim_frame_content(frame, 1);
        if (!ls_address_equal(&from->mint, ls_sim_frame_key(frame, 1)))
            return ls_sim_outcome_custom(OTHER_MINT);
        if (mint->decimals != order->decimals) return ls_sim_outcome_custom(OTHER_DECIMALS);
    }
    outcome = authorize(frame, &from->authority, to_at + 1);
    if (outcome.code != LS_SIM_OK) return outcome;
    if (from == to || order->amount == 0) return DONE;
    if (!ls_sim_frame_is_writable(frame, 0) || !ls_sim_frame_is_writable(frame, to_at))
        return ls_sim_outcome_of(LS_SIM_READONLY_DATA);
    from->amount -= order->amount;
    to->amount += order->amount;
    return DONE;
}

static const struct {
    uint8_t tag;
    uint8_t accounts;
    bool is_checked;
    struct ls_sim_outcome (*run)(const struct ls_sim_frame *frame, const struct order *order);
} orders[] = {
    {TRANSFER, 3, false, transfer}, {TRANSFER_CHECKED, 4, true, transfer},
    {MINT_TO, 3, false, mint_to},   {MINT_TO_CHECKED, 3, true, mint_to},
    {BURN, 3, false, burn},         {BURN_CHECKED, 3, true, burn},
};

struct ls_sim_outcome ls_sim_token_run(const struct ls_sim_frame *frame)
{
    const struct ls_tx_view_instruction *instruction = frame->instruction;
    if (instruction->data_bytes < 1) return ls_sim_outcome_custom(UNKNOWN_INSTRUCTION);
    if (instruction->data[0] == INITIALIZE_MINT2) return initialize_mint(frame);
    if (instruction->data[0] == SET_AUTHORITY) return set_authority(frame);
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        if (orders[i].tag != instruction->data[0]) continue;
        struct order order;
        if (!read_order(frame, orders[i].is_checked, &order))
            return ls_sim_outcome_custom(UNKNOWN_INSTRUCTION);
        if (instruction->account_count < orders[i].accounts)
            return ls_sim_outcome_of(LS_SIM_NOT_ENOUGH_KEYS);
        return orders[i].run(frame, &order);
    }
    return ls_sim_outcome_custom(UNKNOWN_INSTRUCTION);
}

/* The account has the size of a mint with this extension alone, and is no mint yet. */
static struct ls_sim_outcome point_to_metadata(const struct ls_sim_frame *frame)
{
    const struct ls_tx_view_instruction *instruction = frame->instruction;
    if (instruction->data_bytes < 2 + 2 * LS_ADDRESS_BYTES || instruction->data[1] != 0)
        return ls_sim_outcome_of(LS_SIM_INVALID_DATA);
    if (instruction->account_count < 1) return ls_sim_outcome_of(LS_SIM_NOT_ENOUGH_KEYS);
    struct ls_sim_content *mint = ls_sim_frame_content(frame, 0);
    if (!is_ours(frame, mint)) return ls_sim_outcome_of(LS_SIM_INCORRECT_PROGRAM);
    if (mint->kind != LS_SIM_PLAIN) return ls_sim_outcome_custom(IN_USE);
    if (mint->space != LS_POINTED_MINT_BYTES)
        return ls_sim_outcome_of(LS_SIM_INVALID_ACCOUNT_DATA);
    if (mint->has_pointer) return ls_sim_outcome_custom(EXTENDED_ALREADY);
    if (!ls_sim_frame_is_writable(frame, 0)) return ls_sim_outcome_of(LS_SIM_READONLY_DATA);
    mint->has_pointer = true;
    return DONE;
}

/* The length of three texts, each behind its u32 length; false when they are cut. */
static bool read_texts(const struct ls_tx_view_instruction *instruction, size_t *bytes_out)
{
    size_t at = sizeof(uint64_t);
    size_t bytes = 0;
    for (int i = 0; i < 3; i++) {
        if (instruction->data_bytes - at < 4) return false;
        size_t length = ls_sim_read_u32(instruction->data + at);
        at += 4;
        if (length > instruction->data_bytes - at) return false;
        at += length;
        bytes += length;
    }
    *bytes_out = bytes;
    return true;
}

/* Accounts: the metadata (in the mint), who may change it, the mint, who mints. The mint
 * grows; its rent is judged at the transaction's end. */
static struct ls_sim_outcome initialize_metadata(const struct ls_sim_frame *frame)
{
    enum { WRONG_AUTHORITY = 901952959 }; /* of the metadata interface */
    size_t bytes = 0;
    if (!read_texts(frame->instruction, &bytes)) return ls_sim_outcome_of(LS_SIM_INVALID_DATA);
    if (frame->instruction->account_count < 4) return ls_sim_outcome_of(LS_SIM_NOT_ENOUGH_KEYS);
    struct ls_sim_content *mint = ls_sim_frame_content(frame, 0);
    struct ls_sim_outcome outcome = unpack(frame, mint, LS_SIM_MINT);
    if (outcome.code != LS_SIM_OK) return outcome;
    if (!ls_sim_frame_is_signer(frame, 3)) return ls_sim_outcome_of(LS_SIM_MISSING_SIGNATURE);
    if (!mint->has_authority || !ls_address_equal(&mint->authority, ls_sim_frame_key(frame, 3)))
        return ls_sim_outcome_custom(WRONG_AUTHORITY);
    if (!mint->has_pointer) return ls_sim_outcome_of(LS_SIM_INVALID_ACCOUNT_DATA);
    if (mint->has_metadata) return ls_sim_outcome_custom(EXTENDED_ALREADY);
    if (!ls_sim_frame_is_writable(frame, 0)) return ls_sim_outcome_of(LS_SIM_READONLY_DATA);
    if (bytes > LS_METADATA_BYTES_MAX) return ls_sim_outcome_of(LS_SIM_INVALID_ACCOUNT_DATA);
    mint->has_metadata = true;
    mint->text_bytes = (uint16_t)bytes;
    mint->space = (uint32_t)ls_metadata_mint_bytes(bytes);
    return DONE;
}

struct ls_sim_outcome ls_sim_token_2022_run(const struct ls_sim_frame *frame)
{
    static const uint8_t metadata[] = {0xd2, 0xe1, 0x1e, 0xa2, 0x58, 0xb8, 0x4d, 0x8d};
    const struct ls_tx_view_instruction *instruction = frame->instruction;
    if (instruction->data_bytes > 0 && instruction->data[0] == METADATA_POINTER)
        return point_to_metadata(frame);
    if (instruction->data_bytes >= sizeof metadata &&
        memcmp(instruction->data, metadata, sizeof metadata) == 0)
        return initialize_metadata(frame);
    return ls_sim_token_run(frame);
}
