/* What the tests of the simulated ledger share: a ledger on a clock of their own, keys
 * from small numbers, transactions of a few instructions, calls by JSON text. */
#ifndef LOCKSTEP_TEST_SIM_FIXTURE_H
#define LOCKSTEP_TEST_SIM_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <sodium.h>

#include "lockstep/base/base58.h"
#include "lockstep/base/buf.h"
#include "lockstep/sim/sim_ledger.h"
#include "lockstep/solana/program.h"
#include "lockstep/solana/tx.h"

enum { SLOT_MS = 100, FUNDED = 1000000000 };

struct key {
    struct ls_address address;
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
};

struct fixture {
    ls_sim_ledger *ledger;
    int64_t now_ms;
    struct key payer; /* has FUNDED lamports */
    json_t *answer;   /* of the last call */
};

static inline struct key make_key(uint8_t number)
{
    struct key key;
    uint8_t seed[crypto_sign_SEEDBYTES] = {number};
    assert_int_equal(crypto_sign_seed_keypair(key.address.bytes, key.secret, seed), 0);
    return key;
}

static inline void set_up_with(struct fixture *fixture,
                               const struct ls_sim_ledger_options *options)
{
    *fixture = (struct fixture){.now_ms = 5000};
    assert_true(sodium_init() >= 0);
    assert_false(ls_failed(ls_sim_ledger_new(options, &fixture->ledger)));
    fixture->payer = make_key(1);
    ls_sim_ledger_fund(fixture->ledger, &fixture->payer.address, FUNDED);
    ls_sim_ledger_advance(fixture->ledger, fixture->now_ms);
}

static inline void set_up(struct fixture *fixture)
{
    struct ls_sim_ledger_options options = {
        .seed = 7, .slot_ms = SLOT_MS, .verify_signatures = true, .endpoint_count = 3};
    set_up_with(fixture, &options);
}

static inline void tear_down(struct fixture *fixture)
{
    json_decref(fixture->answer);
    ls_sim_ledger_free(fixture->ledger);
}

static inline void pass_slots(struct fixture *fixture, int64_t slots)
{
    fixture->now_ms += slots * SLOT_MS;
    ls_sim_ledger_advance(fixture->ledger, fixture->now_ms);
}

/* The whole answer of node `endpoint` to a body; valid until the next call. */
static inline json_t *ask(struct fixture *fixture, int32_t endpoint, const char *body)
{
    struct ls_buf reply;
    ls_buf_init(&reply, LS_SIM_REPLY_BYTES_MAX);
    ls_sim_ledger_answer(fixture->ledger, endpoint, fixture->now_ms, body, strlen(body),
                         &reply);
    json_decref(fixture->answer);
    fixture->answer = json_loadb(reply.data, reply.length, JSON_DECODE_INT_AS_REAL, NULL);
    if (fixture->answer == NULL) print_error("not JSON: %s\n", ls_buf_text(&reply));
    assert_non_null(fixture->answer);
    json_decref(fixture->answer);
    json_error_t error;
    fixture->answer = json_loadb(reply.data, reply.length, 0, &error);
    if (fixture->answer ==
        NULL) /* rentEpoch is 2^64 - 1, which jansson reads as a real alone */
        fixture->answer = json_loadb(reply.data, reply.length, JSON_DECODE_INT_AS_REAL, NULL);
    ls_buf_done(&reply);
    return fixture->answer;
}

/* The answer to one method with `params` as JSON text. */
static inline json_t *
call_at(struct fixture *fixture, int32_t endpoint, const char *method, const char *params)
{
    struct ls_buf body;
    ls_buf_init(&body, LS_SIM_BODY_BYTES_MAX);
    ls_buf_printf(&body, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s}",
                  method, params);
    json_t *answer = ask(fixture, endpoint, ls_buf_text(&body));
    ls_buf_done(&body);
    return answer;
}

/* The member at a path such as "value.0.err" of a value; NULL when it is not there. */
static inline json_t *at_path(json_t *value, const char *path)
{
    char name[64];
    while (*path != '\0' && value != NULL) {
        size_t length = strcspn(path, ".");
        assert_true(length < sizeof name);
        memcpy(name, path, length);
        name[length] = '\0';
        path += length + (path[length] == '.' ? 1 : 0);
        value = json_is_array(value) ? json_array_get(value, (size_t)strtol(name, NULL, 10))
                                     : json_object_get(value, name);
    }
    return value;
}

static inline json_t *
result_at(struct fixture *fixture, int32_t endpoint, const char *method, const char *params)
{
    json_t *answer = call_at(fixture, endpoint, method, params);
    json_t *result = json_object_get(answer, "result");
    if (result == NULL) {
        char *text = json_dumps(answer, 0);
        print_error("%s %s: %s\n", method, params, text);
        free(text);
    }
    assert_non_null(result);
    return result;
}

static inline json_t *result_of(struct fixture *fixture, const char *method, const char *params)
{
    return result_at(fixture, 0, method, params);
}

static inline int64_t error_of(struct fixture *fixture, const char *method, const char *params)
{
    json_t *code = at_path(call_at(fixture, 0, method, params), "error.code");
    assert_true(json_is_integer(code));
    return json_integer_value(code);
}

/* Compare a JSON value with its text, keys in order of name. */
static inline void assert_json(const json_t *value, const char *expected)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
}

static inline struct ls_hash blockhash_at(struct fixture *fixture, const char *commitment)
{
    char params[64];
    struct ls_hash hash;
    (void)snprintf(params, sizeof params, "[{\"commitment\":\"%s\"}]", commitment);
    json_t *text = at_path(result_of(fixture, "getLatestBlockhash", params), "value.blockhash");
    assert_true(ls_hash_parse(json_string_value(text), &hash));
    return hash;
}

/* Sign `instructions` with keys[0] paying. */
static inline struct ls_tx make_tx(const struct key *keys,
                                   size_t key_count,
                                   const struct ls_hash *blockhash,
                                   const struct ls_instruction *instructions,
                                   size_t count)
{
    struct ls_message message;
    struct ls_signature signatures[LS_TX_SIGNERS_MAX];
    struct ls_tx tx;
    assert_false(ls_failed(
        ls_message_compile(&keys[0].address, blockhash, instructions, count, &message)));
    for (size_t i = 0; i < message.signer_count; i++) {
        size_t at = 0;
        while (at < key_count && !ls_address_equal(&keys[at].address, &message.signers[i]))
            at++;
        assert_true(at < key_count);
        (void)crypto_sign_detached(signatures[i].bytes, NULL, message.bytes, message.length,
                                   keys[at].secret);
    }
    assert_false(ls_failed(ls_tx_assemble(&message, signatures, &tx)));
    return tx;
}

static inline struct ls_signature signature_of(const struct ls_tx *tx)
{
    struct ls_signature signature;
    memcpy(signature.bytes, tx->bytes + 1, LS_SIGNATURE_BYTES);
    return signature;
}

/* Send with `options` as JSON members after the encoding, e.g. ",\"skipPreflight\":true". */
static inline json_t *
send_tx(struct fixture *fixture, const struct ls_tx *tx, const char *options)
{
    char text[LS_TX_BYTES_MAX * 2];
    struct ls_buf params;
    (void)sodium_bin2base64(text, sizeof text, tx->bytes, tx->length,
                            sodium_base64_VARIANT_ORIGINAL);
    ls_buf_init(&params, LS_SIM_BODY_BYTES_MAX);
    ls_buf_printf(&params, "[\"%s\",{\"encoding\":\"base64\"%s}]", text, options);
    json_t *answer = call_at(fixture, 0, "sendTransaction", ls_buf_text(&params));
    ls_buf_done(&params);
    return answer;
}

static inline struct ls_tx memo_tx(struct fixture *fixture, const char *text)
{
    struct ls_instruction memo;
    struct ls_hash hash = blockhash_at(fixture, "confirmed");
    ls_memo(&memo, text, strlen(text));
    return make_tx(&fixture->payer, 1, &hash, &memo, 1);
}

#define SKIP      ",\"skipPreflight\":true"
#define CONFIRMED ",\"preflightCommitment\":\"confirmed\""

/* The status of one signature; JSON null when the node knows none. */
static inline json_t *
status_at(struct fixture *fixture, int32_t endpoint, const struct ls_tx *tx, bool has_history)
{
    char text[LS_SIGNATURE_TEXT_BYTES];
    char params[256];
    struct ls_signature signature = signature_of(tx);
    ls_signature_text(&signature, text);
    (void)snprintf(params, sizeof params, "[[\"%s\"]%s]", text,
                   has_history ? ",{\"searchTransactionHistory\":true}" : "");
    json_t *status =
        at_path(result_at(fixture, endpoint, "getSignatureStatuses", params), "value.0");
    assert_non_null(status);
    return status;
}

#endif
