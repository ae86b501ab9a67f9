#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "lockstep/solana/tx.h"

static const struct ls_address payer = {{1}}, a = {{2}}, b = {{3}}, c = {{4}}, d = {{5}},
                               program = {{6}};
static const struct ls_hash blockhash = {{9}};

static void
add(struct ls_instruction *instruction, const struct ls_address *address, int rights)
{
    instruction->accounts[instruction->account_count++] = (struct ls_account_meta){
        .address = *address, .is_signer = (rights & 1) != 0, .is_writable = (rights & 2) != 0};
}

enum { READS = 0, SIGNS = 1, WRITES = 2 };

static struct ls_message compile(const struct ls_instruction *instructions, size_t count)
{
    struct ls_message message;
    assert_int_equal(ls_message_compile(&payer, &blockhash, instructions, count, &message).code,
                     LS_CODE_OK);
    return message;
}

/* A transaction whose signatures say nothing. */
static struct ls_tx unsigned_tx(const struct ls_message *message)
{
    static const struct ls_signature signatures[LS_TX_SIGNERS_MAX] = {{{0}}};
    struct ls_tx tx;
    assert_int_equal(ls_tx_assemble(message, signatures, &tx).code, LS_CODE_OK);
    return tx;
}

static ls_err read_tx(const struct ls_tx *tx, struct ls_tx_view *view)
{
    return ls_tx_read(tx->bytes, tx->length, view);
}

static void accounts_stand_by_rights_and_then_by_first_use(void **state)
{
    (void)state;
    struct ls_instruction instructions[2] = {{.program = program}, {.program = program}};
    add(&instructions[0], &a, READS);
    add(&instructions[0], &b, WRITES);
    add(&instructions[0], &c, SIGNS);
    add(&instructions[1], &d, SIGNS | WRITES);
    add(&instructions[1], &a, READS);
    instructions[0].data_bytes = 2;
    memcpy(instructions[0].data, "\x11\x22", 2);

    const struct ls_message message = compile(instructions, 2);

    uint8_t expected[256];
    size_t length = 0;
    static const struct ls_address *const order[] = {&payer, &d, &c, &b, &program, &a};
    static const uint8_t head[] = {3, 1, 2, 6};
    static const uint8_t tail[] = {2, 4, 3, 5, 3, 2, 2, 0x11, 0x22, 4, 2, 1, 5, 0};
    memcpy(expected, head, sizeof head);
    length += sizeof head;
    for (size_t i = 0; i < 6; i++, length += 32) memcpy(expected + length, order[i]->bytes, 32);
    memcpy(expected + length, blockhash.bytes, 32);
    length += 32;
    memcpy(expected + length, tail, sizeof tail);
    length += sizeof tail;
    assert_int_equal(message.length, length);
    assert_memory_equal(message.bytes, expected, length);
    assert_int_equal(message.signer_count, 3);
    assert_true(ls_address_equal(&message.signers[0], &payer));
    assert_true(ls_address_equal(&message.signers[1], &d));
    assert_true(ls_address_equal(&message.signers[2], &c));
}

static void an_account_has_the_widest_of_its_rights(void **state)
{
    (void)state;
    struct ls_instruction instructions[3] = {
        {.program = program}, {.program = program}, {.program = program}};
    add(&instructions[0], &a, READS);
    add(&instructions[1], &a, SIGNS);
    add(&instructions[2], &a, WRITES);
    add(&instructions[2], &payer, READS);
    struct ls_tx_view view;

    const struct ls_message message = compile(instructions, 3);
    const struct ls_tx tx = unsigned_tx(&message);

    assert_int_equal(read_tx(&tx, &view).code, LS_CODE_OK);
    assert_int_equal(view.account_count, 3);
    assert_true(ls_tx_view_is_signer(&view, 0) && ls_tx_view_is_writable(&view, 0));
    assert_true(ls_tx_view_is_signer(&view, 1) && ls_tx_view_is_writable(&view, 1));
    assert_false(ls_tx_view_is_signer(&view, 2) || ls_tx_view_is_writable(&view, 2));
    assert_true(ls_address_equal(&view.accounts[1], &a));
}

static void rights_are_read_back_in_each_class(void **state)
{
    (void)state;
    struct ls_instruction instruction = {.program = program};
    add(&instruction, &a, SIGNS | WRITES);
    add(&instruction, &b, SIGNS);
    add(&instruction, &c, WRITES);
    add(&instruction, &d, READS);
    const struct ls_message message = compile(&instruction, 1);
    const struct ls_tx tx = unsigned_tx(&message);
    struct ls_tx_view view;

    assert_int_equal(read_tx(&tx, &view).code, LS_CODE_OK);

    static const bool signs[] = {true, true, true, false, false, false};
    static const bool writes[] = {true, true, false, true, false, false};
    assert_int_equal(view.account_count, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(ls_tx_view_is_signer(&view, i), signs[i]);
        assert_int_equal(ls_tx_view_is_writable(&view, i), writes[i]);
    }
    assert_int_equal(view.instruction_count, 1);
    assert_int_equal(view.instructions[0].account_count, 4);
    assert_memory_equal(view.blockhash->bytes, blockhash.bytes, 32);
}

static void a_message_without_instructions_is_compiled(void **state)
{
    (void)state;
    const struct ls_message message = compile(NULL, 0);
    const struct ls_tx tx = unsigned_tx(&message);
    struct ls_tx_view view;

    assert_int_equal(read_tx(&tx, &view).code, LS_CODE_OK);

    assert_int_equal(view.account_count, 1);
    assert_int_equal(view.instruction_count, 0);
}

/* One signature, one account and one program: 1 + 64 + 3 + 1 + 64 + 32 + 1 + 1 + 1 + 2
 * bytes around the data. */
static void a_packet_is_filled_to_its_last_byte_and_no_further(void **state)
{
    (void)state;
    struct ls_instruction instructions[2] = {{.program = program}, {.program = program}};
    struct ls_message message = {.length = 77};
    struct ls_tx_view view;
    enum { FIRST = 1000, AROUND = 1 + 64 + 3 + 1 + 64 + 32 + 1 + 2 * (1 + 1) + 2 + 1 };
    instructions[0].data_bytes = FIRST;
    instructions[1].data_bytes = LS_TX_BYTES_MAX - AROUND - FIRST;

    const struct ls_message full = compile(instructions, 2);
    const struct ls_tx tx = unsigned_tx(&full);
    assert_int_equal(tx.length, LS_TX_BYTES_MAX);
    assert_int_equal(read_tx(&tx, &view).code, LS_CODE_OK);
    assert_int_equal(view.instructions[0].data_bytes, FIRST);

    instructions[1].data_bytes++;
    assert_int_equal(ls_message_compile(&payer, &blockhash, instructions, 2, &message).code,
                     LS_CODE_FULL);
    assert_int_equal(message.length, 77);
}

static void lengths_take_a_second_byte_from_128_on(void **state)
{
    (void)state;
    struct ls_instruction instruction = {.program = program, .data_bytes = 127};
    const size_t short_length = compile(&instruction, 1).length;
    instruction.data_bytes = 128;
    const struct ls_message message = compile(&instruction, 1);
    const struct ls_tx tx = unsigned_tx(&message);
    struct ls_tx_view view;

    assert_int_equal(message.length, short_length + 2);
    assert_int_equal(read_tx(&tx, &view).code, LS_CODE_OK);
    assert_int_equal(view.instructions[0].data_bytes, 128);
}

static void every_maximum_is_refused_beyond_itself(void **state)
{
    (void)state;
    struct ls_instruction many[LS_TX_INSTRUCTIONS_MAX + 1];
    struct ls_message message = {.length = 77};
    memset(many, 0, sizeof many);
    for (size_t i = 0; i <= LS_TX_INSTRUCTIONS_MAX; i++) many[i].program = program;
    (void)compile(many, LS_TX_INSTRUCTIONS_MAX);
    assert_int_equal(
        ls_message_compile(&payer, &blockhash, many, LS_TX_INSTRUCTIONS_MAX + 1, &message).code,
        LS_CODE_FULL);

    struct ls_instruction signing = {.program = program};
    for (uint8_t i = 0; i < LS_TX_SIGNERS_MAX - 1; i++)
        add(&signing, &(struct ls_address){{100, i}}, SIGNS);
    assert_int_equal(compile(&signing, 1).signer_count, LS_TX_SIGNERS_MAX);
    add(&signing, &(struct ls_address){{100, 99}}, SIGNS);
    assert_int_equal(ls_message_compile(&payer, &blockhash, &signing, 1, &message).code,
                     LS_CODE_FULL);

    for (uint8_t i = 0; i < LS_TX_ACCOUNTS_MAX; i++) {
        struct ls_instruction *instruction = &many[i / LS_INSTRUCTION_ACCOUNTS_MAX];
        add(instruction, &(struct ls_address){{200, i}}, READS);
    }
    assert_int_equal(ls_message_compile(&payer, &blockhash, many, 6, &message).code,
                     LS_CODE_FULL);
    assert_int_equal(message.length, 77);
}

static struct ls_tx sample(void)
{
    struct ls_instruction instruction = {.program = program, .data_bytes = 3};
    add(&instruction, &a, WRITES);
    add(&instruction, &b, SIGNS);
    const struct ls_message message = compile(&instruction, 1);
    return unsigned_tx(&message);
}

static void assert_unread(const struct ls_tx *tx, enum ls_code code)
{
    struct ls_tx_view view = {.signature_count = 77};
    assert_int_equal(read_tx(tx, &view).code, code);
    assert_int_equal(view.signature_count, 77);
}

static void every_cut_and_every_longer_text_is_corrupt(void **state)
{
    (void)state;
    const struct ls_tx whole = sample();
    struct ls_tx_view view;
    assert_int_equal(read_tx(&whole, &view).code, LS_CODE_OK);

    for (size_t length = 0; length < whole.length; length++) {
        /* A copy of exactly this length, so that a read beyond it is caught. */
        uint8_t *cut = test_malloc(length + 1);
        memcpy(cut, whole.bytes, length);
        assert_int_equal(ls_tx_read(cut, length, &view).code, LS_CODE_CORRUPT);
        test_free(cut);
    }
    struct ls_tx longer = whole;
    longer.length++;
    assert_unread(&longer, LS_CODE_CORRUPT);
    static const uint8_t huge[LS_TX_BYTES_MAX + 1] = {1};
    assert_int_equal(ls_tx_read(huge, sizeof huge, &view).code, LS_CODE_CORRUPT);
    assert_int_equal(ls_tx_read(NULL, 0, &view).code, LS_CODE_CORRUPT);
}

/* Bytes of `sample`: signatures 0..128, header 129..131, accounts 132 (payer, b, a,
 * program) to 260, blockhash to 292, instruction count 293, program 294, account count 295,
 * accounts 296 and 297, data length 298, data. */
enum {
    HEADER = 129,
    ACCOUNT_COUNT = 132,
    ACCOUNTS = 133,
    INSTRUCTION_COUNT = 293,
    PROGRAM = 294,
    INDEX_COUNT = 295,
    INDEXES = 296,
    DATA_LENGTH = 298,
};

static void a_byte_that_makes_no_sense_is_corrupt(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        uint8_t byte;
    } cases[] = {
        {0, 0},          /* no signatures */
        {0, 1},          /* fewer than the header requires */
        {0, 0xff},       /* a count that goes on */
        {HEADER, 0},     /* requires none */
        {HEADER, 1},     /* requires fewer than there are */
        {HEADER, 3},     /* requires more than there are */
        {HEADER + 1, 2}, /* the payer would be readonly */
        {HEADER + 2, 3}, /* more readonly than accounts without signature */
        {HEADER + 2, 0xff},
        {ACCOUNT_COUNT, 3},
        {ACCOUNT_COUNT, 0},
        {ACCOUNT_COUNT, 0x80},
        {ACCOUNTS, 3},      /* the payer is b too */
        {ACCOUNTS + 64, 6}, /* a is the program too */
        {INSTRUCTION_COUNT, 0},
        {INSTRUCTION_COUNT, 2},
        {PROGRAM, 0}, /* the payer as program */
        {PROGRAM, 4}, /* beyond the accounts */
        {INDEX_COUNT, 3},
        {INDEX_COUNT, 1},
        {INDEXES, 4},
        {INDEXES + 1, 0xff},
        {DATA_LENGTH, 2},
        {DATA_LENGTH, 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ls_tx tx = sample();
        assert_int_not_equal(tx.bytes[cases[i].at], cases[i].byte);
        tx.bytes[cases[i].at] = cases[i].byte;

        assert_unread(&tx, LS_CODE_CORRUPT);
    }
}

static void a_count_in_a_longer_form_is_corrupt(void **state)
{
    (void)state;
    /* Two and three bytes for 3, and three bytes beyond 16 bits. */
    static const struct {
        uint8_t bytes[3];
        size_t count;
    } forms[] = {{{0x83, 0x00}, 2},
                 {{0x83, 0x80, 0x00}, 3},
                 {{0x83, 0x80, 0x04}, 3},
                 {{0x83, 0x80, 0x83}, 3}};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct ls_tx tx = sample();
        const size_t more = forms[i].count - 1;
        assert_int_equal(tx.bytes[DATA_LENGTH], 3);
        memmove(tx.bytes + DATA_LENGTH + 1 + more, tx.bytes + DATA_LENGTH + 1, 3);
        memcpy(tx.bytes + DATA_LENGTH, forms[i].bytes, forms[i].count);
        tx.length += more;

        assert_unread(&tx, LS_CODE_CORRUPT);
    }
}

static void a_versioned_transaction_is_refused_as_such(void **state)
{
    (void)state;
    struct ls_tx tx = sample();
    tx.bytes[HEADER] |= 0x80;

    assert_unread(&tx, LS_CODE_REFUSED);
}

static void more_instructions_than_the_maximum_are_full(void **state)
{
    (void)state;
    struct ls_instruction many[LS_TX_INSTRUCTIONS_MAX];
    memset(many, 0, sizeof many);
    for (size_t i = 0; i < LS_TX_INSTRUCTIONS_MAX; i++) many[i].program = program;
    const struct ls_message message = compile(many, LS_TX_INSTRUCTIONS_MAX);
    struct ls_tx tx = unsigned_tx(&message);
    struct ls_tx_view view;
    assert_int_equal(read_tx(&tx, &view).code, LS_CODE_OK);
    assert_int_equal(view.instruction_count, LS_TX_INSTRUCTIONS_MAX);

    const size_t count_at = tx.length - (size_t)3 * LS_TX_INSTRUCTIONS_MAX - 1;
    assert_int_equal(tx.bytes[count_at], LS_TX_INSTRUCTIONS_MAX);
    tx.bytes[count_at]++;
    memcpy(tx.bytes + tx.length, tx.bytes + tx.length - 3, 3);
    tx.length += 3;

    assert_unread(&tx, LS_CODE_FULL);
}

static void only_the_right_keys_over_the_right_bytes_verify(void **state)
{
    (void)state;
    static const uint8_t seed_one[crypto_sign_SEEDBYTES] = {1};
    static const uint8_t seed_two[crypto_sign_SEEDBYTES] = {2};
    struct ls_address keys[2];
    uint8_t secrets[2][crypto_sign_SECRETKEYBYTES];
    struct ls_message message;
    struct ls_signature signatures[2];
    struct ls_tx tx;
    struct ls_tx_view view;
    crypto_sign_seed_keypair(keys[0].bytes, secrets[0], seed_one);
    crypto_sign_seed_keypair(keys[1].bytes, secrets[1], seed_two);
    struct ls_instruction instruction = {.program = program};
    add(&instruction, &keys[1], SIGNS);
    assert_int_equal(ls_message_compile(&keys[0], &blockhash, &instruction, 1, &message).code,
                     LS_CODE_OK);
    for (size_t i = 0; i < 2; i++)
        crypto_sign_detached(signatures[i].bytes, NULL, message.bytes, message.length,
                             secrets[i]);

    assert_int_equal(ls_tx_assemble(&message, signatures, &tx).code, LS_CODE_OK);
    assert_int_equal(read_tx(&tx, &view).code, LS_CODE_OK);
    assert_true(ls_tx_verify(&view));

    const struct ls_signature swapped[2] = {signatures[1], signatures[0]};
    assert_int_equal(ls_tx_assemble(&message, swapped, &tx).code, LS_CODE_OK);
    assert_int_equal(read_tx(&tx, &view).code, LS_CODE_OK);
    assert_false(ls_tx_verify(&view));

    signatures[1].bytes[0] ^= 1;
    assert_int_equal(ls_tx_assemble(&message, signatures, &tx).code, LS_CODE_OK);
    assert_int_equal(read_tx(&tx, &view).code, LS_CODE_OK);
    assert_false(ls_tx_verify(&view));
}

static void random_bytes_never_read_beyond_their_end(void **state)
{
    (void)state;
    uint64_t seed = 0x2545f4914f6cdd1d;
    const struct ls_tx whole = sample();
    for (int round = 0; round < 20000; round++) {
        struct ls_tx tx = whole;
        struct ls_tx_view view;
        for (int change = 0; change < 4; change++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            const size_t at = (size_t)(seed >> 33) % (whole.length);
            tx.bytes[at] = (uint8_t)(seed >> 24);
        }
        if (read_tx(&tx, &view).code != LS_CODE_OK) continue;

        for (size_t i = 0; i < view.instruction_count; i++) {
            const struct ls_tx_view_instruction *instruction = &view.instructions[i];
            assert_true(instruction->program_index < view.account_count);
            assert_true(instruction->data + instruction->data_bytes <= tx.bytes + tx.length);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accounts_stand_by_rights_and_then_by_first_use),
        cmocka_unit_test(an_account_has_the_widest_of_its_rights),
        cmocka_unit_test(rights_are_read_back_in_each_class),
        cmocka_unit_test(a_message_without_instructions_is_compiled),
        cmocka_unit_test(a_packet_is_filled_to_its_last_byte_and_no_further),
        cmocka_unit_test(lengths_take_a_second_byte_from_128_on),
        cmocka_unit_test(every_maximum_is_refused_beyond_itself),
        cmocka_unit_test(every_cut_and_every_longer_text_is_corrupt),
        cmocka_unit_test(a_byte_that_makes_no_sense_is_corrupt),
        cmocka_unit_test(a_count_in_a_longer_form_is_corrupt),
        cmocka_unit_test(a_versioned_transaction_is_refused_as_such),
        cmocka_unit_test(more_instructions_than_the_maximum_are_full),
        cmocka_unit_test(only_the_right_keys_over_the_right_bytes_verify),
        cmocka_unit_test(random_bytes_never_read_beyond_their_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
