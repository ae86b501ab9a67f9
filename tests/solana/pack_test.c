#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lockstep/base/base58.h"
#include "lockstep/solana/pack.h"

#define OWNER "9hSR6S7WPtxmTojgo6GG3k4yDPecgJY292j7xrsUGWBu"
#define TO    "GyGKxMyg1p9SsHfm15MkNUu1u9TN2JtTspcdmrtGUdse"
#define MINT  "Aruw8X1BDbpjjCT7vhhrLVhY95pdngmgqod8WbUV2Xwf"
#define MEMO  "{\"text\": \"twelve bytes\"}"

static const struct ls_address payer = {{7, 1}};
static const struct ls_hash blockhash = {{9}};
static struct ls_pack pack;

static struct ls_intent_context context_of(const char *key)
{
    static const uint8_t tag_key[LS_TAG_KEY_BYTES] = {5};
    static const struct ls_hash genesis = {{6}};
    return (struct ls_intent_context){
        .payer = payer,
        .tag = ls_tag_make(tag_key, &genesis, key, strlen(key)),
        .rent_lamports = 1461600,
    };
}

static ls_err add(const char *key, const char *kind, const char *payload)
{
    struct ls_intent intent;
    struct ls_why why = {0};
    const struct ls_intent_context context = context_of(key);
    if (ls_failed(ls_intent_parse(kind, payload, strlen(payload), &intent, &why)))
        fail_msg("%s", why.text);
    if (intent.has_mint) intent.program = LS_TOKEN_CLASSIC; /* as the worker finds it */
    return ls_pack_add(&pack, &intent, &context);
}

static void add_ok(const char *key, const char *kind, const char *payload)
{
    assert_int_equal(add(key, kind, payload).code, LS_CODE_OK);
}

/* The transaction of the pack, without real signatures. */
static struct ls_tx compile(void)
{
    static const struct ls_signature unsigned_yet[LS_TX_SIGNERS_MAX];
    struct ls_message message;
    struct ls_tx tx;
    assert_int_equal(ls_pack_compile(&pack, &blockhash, &message).code, LS_CODE_OK);
    assert_int_equal(ls_tx_assemble(&message, unsigned_yet, &tx).code, LS_CODE_OK);
    return tx;
}

static size_t range(const struct ls_tx_view *view, const char *key, size_t *end_out)
{
    const struct ls_intent_context context = context_of(key);
    size_t first = 0;
    assert_true(ls_pack_range(view, &context.tag, &first, end_out));
    return first;
}

static void a_pack_of_one_is_what_the_operation_alone_is(void **state)
{
    (void)state;
    struct ls_intent intent;
    struct ls_message alone;
    struct ls_message packed;
    const struct ls_intent_context context = context_of("a");
    assert_int_equal(ls_intent_parse("memo", MEMO, strlen(MEMO), &intent, NULL).code,
                     LS_CODE_OK);
    ls_pack_open(&pack, &payer);
    add_ok("a", "memo", MEMO);

    assert_int_equal(ls_intent_build(&intent, &context, &blockhash, &alone).code, LS_CODE_OK);
    assert_int_equal(ls_pack_compile(&pack, &blockhash, &packed).code, LS_CODE_OK);

    assert_int_equal(alone.length, packed.length);
    assert_memory_equal(alone.bytes, packed.bytes, packed.length);
}

static void the_bytes_that_a_pack_counts_are_those_of_its_transaction(void **state)
{
    (void)state;
    ls_pack_open(&pack, &payer);

    add_ok("a", "memo", MEMO);
    assert_int_equal(pack.bytes, compile().length);
    add_ok("b", "token.mint_to",
           "{\"mint\": \"" MINT "\", \"to\": \"" TO "\", \"amount\": \"5\"}");
    assert_int_equal(pack.bytes, compile().length);
    add_ok("c", "token.burn",
           "{\"mint\": \"" MINT "\", \"from\": \"" OWNER "\", \"amount\": \"5\"}");
    assert_int_equal(pack.bytes, compile().length);
    add_ok("d", "sol.transfer", "{\"to\": \"" TO "\", \"lamports\": \"5\"}");
    assert_int_equal(pack.bytes, compile().length);
    add_ok("e", "token.create_mint", "{\"decimals\": 6}");
    assert_int_equal(pack.bytes, compile().length);
    assert_int_equal(pack.signer_count, 2);
}

static void what_does_not_fit_is_refused_and_the_pack_stays(void **state)
{
    (void)state;
    char key[16];
    size_t added = 0;
    ls_err err = LS_OK;
    ls_pack_open(&pack, &payer);
    while (!ls_failed(err) && added < LS_PACK_OPS_MAX + 1) {
        (void)snprintf(key, sizeof key, "k%zu", added);
        err = add(key, "memo", MEMO);
        if (!ls_failed(err)) added++;
    }

    assert_int_equal(err.code, LS_CODE_FULL);
    assert_in_range(added, 20, LS_PACK_OPS_MAX);
    assert_int_equal(pack.count, added);
    assert_int_equal(add("big", "token.burn",
                         "{\"mint\": \"" MINT "\", \"from\": \"" OWNER "\", \"amount\": \"5\"}")
                         .code,
                     LS_CODE_FULL);
    const struct ls_tx tx = compile();
    assert_int_equal(pack.bytes, tx.length);
    struct ls_tx_view view;
    assert_int_equal(ls_tx_read(tx.bytes, tx.length, &view).code, LS_CODE_OK);
    assert_int_equal(ls_pack_count(&view), added);
    assert_int_equal(view.signature_count, 1);
}

static void an_unresolved_mint_leaves_the_pack_as_it_was(void **state)
{
    (void)state;
    ls_pack_open(&pack, &payer);
    add_ok("a", "memo", MEMO);
    const size_t bytes = pack.bytes;

    assert_int_equal(add("b", "token.mint_to",
                         "{\"mint\": {\"key\": \"m\"}, \"to\": \"" TO "\", \"amount\": \"5\"}")
                         .code,
                     LS_CODE_INVALID);

    assert_int_equal(pack.bytes, bytes);
    assert_int_equal(pack.count, 1);
    assert_int_equal(compile().length, bytes);
}

static void an_instruction_tells_whose_it_is(void **state)
{
    (void)state;
    struct ls_tx_view view;
    size_t end = 0;
    ls_pack_open(&pack, &payer);
    add_ok("a", "memo", MEMO);
    add_ok("b", "token.mint_to",
           "{\"mint\": \"" MINT "\", \"to\": \"" TO "\", \"amount\": \"5\"}");
    add_ok("c", "memo", MEMO);
    const struct ls_tx tx = compile();
    assert_int_equal(ls_tx_read(tx.bytes, tx.length, &view).code, LS_CODE_OK);

    assert_int_equal(ls_pack_count(&view), 3);
    assert_int_equal(range(&view, "a", &end), 0);
    assert_int_equal(end, 1);
    assert_int_equal(range(&view, "b", &end), 1);
    assert_int_equal(end, 4);
    assert_int_equal(range(&view, "c", &end), 4);
    assert_int_equal(end, 5);
    const struct ls_intent_context other = context_of("d");
    assert_false(ls_pack_range(&view, &other.tag, &end, &end));
}

static void a_tag_is_read_whole(void **state)
{
    (void)state;
    struct ls_tx_view view;
    size_t end = 0;
    struct ls_intent_context context = context_of("a");
    ls_pack_open(&pack, &payer);
    add_ok("a", "memo", MEMO);
    const struct ls_tx tx = compile();
    assert_int_equal(ls_tx_read(tx.bytes, tx.length, &view).code, LS_CODE_OK);

    context.tag.text[strlen(context.tag.text) - 1] = '\0';

    assert_false(ls_pack_range(&view, &context.tag, &end, &end));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pack_of_one_is_what_the_operation_alone_is),
        cmocka_unit_test(the_bytes_that_a_pack_counts_are_those_of_its_transaction),
        cmocka_unit_test(what_does_not_fit_is_refused_and_the_pack_stays),
        cmocka_unit_test(an_unresolved_mint_leaves_the_pack_as_it_was),
        cmocka_unit_test(an_instruction_tells_whose_it_is),
        cmocka_unit_test(a_tag_is_read_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
