/* Builds and signs the cases that stand on standard input and writes what came out to
 * standard output, both JSON. Node chooses the cases and judges the results; the shapes
 * are described in README.md. Exit 0 when every case was answered, refusals included. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <sodium.h>

#include "lockstep/base/base58.h"
#include "lockstep/solana/intent.h"
#include "lockstep/solana/nonce.h"
#include "lockstep/solana/program.h"
#include "lockstep/solana/tag.h"
#include "lockstep/solana/tx.h"

enum { SIGNERS_MAX = 4, TEXT_MAX = 65536 };

struct signer {
    struct ls_address address;
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
};
struct setup {
    size_t signer_count;
    struct signer signers[SIGNERS_MAX]; /* the payer first */
    uint8_t tag_key[LS_TAG_KEY_BYTES];
    struct ls_hash genesis;
    struct ls_hash blockhash;
};

static void die(const char *what)
{
    (void)fprintf(stderr, "interop_vectors: %s\n", what);
    exit(1);
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    if (text == NULL) die(name);
    return text;
}

static void hex_into(const char *text, uint8_t *out, size_t bytes_count)
{
    size_t got = 0;
    int failed = sodium_hex2bin(out, bytes_count, text, strlen(text), NULL, &got, NULL);
    if (failed != 0 || got != bytes_count) die("a hex field has a wrong length");
}

static json_t *hex_json(const uint8_t *bytes, size_t bytes_count)
{
    char text[2 * LS_TX_BYTES_MAX + 1];
    return json_string(sodium_bin2hex(text, sizeof text, bytes, bytes_count));
}

static json_t *address_json(const struct ls_address *address)
{
    char text[LS_ADDRESS_TEXT_BYTES];
    ls_address_text(address, text);
    return json_string(text);
}

static void put(json_t *object, const char *name, json_t *value)
{
    if (json_object_set_new(object, name, value) != 0) die("out of memory");
}

static void add_signer(struct setup *setup, const json_t *seed)
{
    uint8_t bytes[crypto_sign_SEEDBYTES];
    if (setup->signer_count == SIGNERS_MAX || !json_is_string(seed)) die("seeds");
    hex_into(json_string_value(seed), bytes, sizeof bytes);
    struct signer *signer = &setup->signers[setup->signer_count++];
    if (crypto_sign_seed_keypair(signer->address.bytes, signer->secret, bytes) != 0)
        die("seed");
}

static void read_setup(const json_t *input, struct setup *setup)
{
    size_t index = 0;
    const json_t *seed = NULL;
    json_array_foreach(json_object_get(input, "seeds"), index, seed) add_signer(setup, seed);
    if (setup->signer_count == 0) die("seeds");
    hex_into(text_of(input, "tag_key"), setup->tag_key, sizeof setup->tag_key);
    if (!ls_hash_parse(text_of(input, "genesis"), &setup->genesis)) die("genesis");
    if (!ls_hash_parse(text_of(input, "blockhash"), &setup->blockhash)) die("blockhash");
}

static bool sign_as(const struct setup *setup,
                    const struct ls_address *address,
                    const struct ls_message *message,
                    struct ls_signature *signature_out)
{
    for (size_t i = 0; i < setup->signer_count; i++) {
        if (!ls_address_equal(&setup->signers[i].address, address)) continue;
        return crypto_sign_detached(signature_out->bytes, NULL, message->bytes, message->length,
                                    setup->signers[i].secret) == 0;
    }
    return false;
}

static ls_err
sign(const struct setup *setup, const struct ls_message *message, struct ls_tx *tx)
{
    struct ls_signature signatures[LS_TX_SIGNERS_MAX];
    for (size_t i = 0; i < message->signer_count; i++) {
        if (!sign_as(setup, &message->signers[i], message, &signatures[i]))
            return LS_FAIL(LS_CODE_REFUSED, 0, "no key for a signer");
    }
    return ls_tx_assemble(message, signatures, tx);
}

/* What the worker would find out about the mint that a case names. */
static enum ls_token_program program_of(const json_t *one)
{
    struct ls_address owner = {0};
    if (!ls_address_parse(text_of(one, "owner"), &owner)) die("owner");
    return ls_token_program_of(&owner);
}

/* And about the account that a case empties. */
static void reclaim(const struct setup *setup, const json_t *one, struct ls_intent *intent)
{
    const struct ls_tag creator = ls_tag_make(setup->tag_key, &setup->genesis, intent->from_key,
                                              strlen(intent->from_key));
    memcpy(intent->from_seed, creator.seed, sizeof intent->from_seed);
    if (!ls_amount_parse(text_of(one, "held"), &intent->amount)) die("held");
}

/* Compute units and their price, where the case names them. */
static void read_budget(const json_t *one, struct ls_intent_context *context)
{
    uint64_t units = 0;
    if (!ls_amount_parse(text_of(one, "unit_limit"), &units) || units > UINT32_MAX)
        die("unit_limit");
    context->unit_limit = (uint32_t)units;
    if (!ls_amount_parse(text_of(one, "unit_price"), &context->unit_price_micro_lamports))
        die("unit_price");
}

static ls_err
build(const struct setup *setup, const json_t *one, json_t *result, struct ls_why *why)
{
    const char *payload = text_of(one, "payload");
    const char *key = text_of(one, "key");
    struct ls_intent intent = {0};
    LS_TRY(ls_intent_parse(text_of(one, "kind"), payload, strlen(payload), &intent, why));

    struct ls_intent_context context = {
        .payer = setup->signers[0].address,
        .tag = ls_tag_make(setup->tag_key, &setup->genesis, key, strlen(key)),
    };
    read_budget(one, &context);
    uint64_t space = 0;
    const bool creates = ls_intent_creates(&intent, &space);
    if (creates && !ls_amount_parse(text_of(one, "rent"), &context.rent_lamports)) die("rent");
    if (ls_intent_needs_mint(&intent)) intent.program = program_of(one);
    if (intent.kind == LS_INTENT_RECLAIM) reclaim(setup, one, &intent);
    context.has_marker = json_object_get(one, "marker_rent") != NULL;
    if (context.has_marker &&
        !ls_amount_parse(text_of(one, "marker_rent"), &context.marker_rent_lamports))
        die("marker_rent");
    struct ls_message message = {0};
    struct ls_tx tx = {0};
    LS_TRY(ls_intent_build(&intent, &context, &setup->blockhash, &message));
    LS_TRY(sign(setup, &message, &tx));

    put(result, "tag", json_string(context.tag.text));
    put(result, "seed", json_string(context.tag.seed));
    if (creates) {
        const struct ls_address created = ls_intent_created(&intent, &context);
        put(result, "created", address_json(&created));
        put(result, "space", json_integer((json_int_t)space));
    }
    if (context.has_marker) {
        const struct ls_address marker = ls_intent_marker(&intent, &context);
        put(result, "marker", address_json(&marker));
    }
    put(result, "message", hex_json(message.bytes, message.length));
    put(result, "transaction", hex_json(tx.bytes, tx.length));
    return LS_OK;
}

static json_t *answer_case(const struct setup *setup, const json_t *one)
{
    struct ls_why why = {0};
    json_t *result = json_object();
    ls_err err = build(setup, one, result, &why);
    if (!ls_failed(err)) return result;
    put(result, "refused", json_string(ls_code_name(err.code)));
    put(result, "what", json_string(err.what));
    put(result, "why", json_string(why.text));
    return result;
}

static json_t *answer_ata(const json_t *one)
{
    struct ls_address owner = {0};
    struct ls_address mint = {0};
    struct ls_address ata = {0};
    if (!ls_address_parse(text_of(one, "owner"), &owner)) die("owner");
    struct ls_address program = {0};
    if (!ls_address_parse(text_of(one, "mint"), &mint)) die("mint");
    if (!ls_address_parse(text_of(one, "program"), &program)) die("program");
    return ls_derive_ata(&owner, &mint, &program, &ata) ? address_json(&ata) : json_null();
}

static struct ls_address address_of(const json_t *one, const char *name)
{
    struct ls_address address = {0};
    if (!ls_address_parse(text_of(one, name), &address)) die(name);
    return address;
}

/* One instruction about a nonce account, paid by the payer; the message's bytes. */
static json_t *answer_nonce(const struct setup *setup, const json_t *one)
{
    const char *what = text_of(one, "do");
    const struct ls_address nonce = address_of(one, "nonce");
    const struct ls_address authority = address_of(one, "authority");
    struct ls_instruction instruction = {0};
    if (strcmp(what, "initialize") == 0) {
        ls_nonce_initialize(&instruction, &nonce, &authority);
    } else if (strcmp(what, "advance") == 0) {
        ls_nonce_advance(&instruction, &nonce, &authority);
    } else if (strcmp(what, "authorize") == 0) {
        const struct ls_address to = address_of(one, "to");
        ls_nonce_authorize(&instruction, &nonce, &authority, &to);
    } else if (strcmp(what, "withdraw") == 0) {
        const struct ls_address to = address_of(one, "to");
        uint64_t lamports = 0;
        if (!ls_amount_parse(text_of(one, "lamports"), &lamports)) die("lamports");
        ls_nonce_withdraw(&instruction, &nonce, &to, &authority, lamports);
    } else {
        die("do");
    }
    struct ls_message message = {0};
    if (ls_failed(ls_message_compile(&setup->signers[0].address, &setup->blockhash,
                                     &instruction, 1, &message)))
        die("a nonce instruction does not compile");
    return hex_json(message.bytes, message.length);
}

/* Lamports out of an account that was created with a seed, to the payer: the signed bytes. */
static json_t *answer_seeded(const struct setup *setup, const json_t *one)
{
    const char *seed = text_of(one, "seed");
    const struct ls_address *payer = &setup->signers[0].address;
    struct ls_transfer_with_seed transfer = {
        .from = ls_derive_with_seed(payer, seed, &LS_PROGRAM_SYSTEM),
        .base = *payer,
        .to = *payer,
        .seed = seed,
    };
    struct ls_instruction instruction = {0};
    struct ls_message message = {0};
    struct ls_tx tx = {0};
    if (!ls_amount_parse(text_of(one, "lamports"), &transfer.lamports)) die("lamports");
    ls_system_transfer_with_seed(&instruction, &transfer);
    if (ls_failed(ls_message_compile(payer, &setup->blockhash, &instruction, 1, &message)) ||
        ls_failed(sign(setup, &message, &tx)))
        die("a transfer with seed is not built");
    return hex_json(tx.bytes, tx.length);
}

/* The canonical text as JSON string, or null when it was refused. */
static json_t *answer_canonical(const json_t *one)
{
    struct ls_buf out;
    ls_buf_init(&out, TEXT_MAX);
    const char *text = json_string_value(one);
    if (text == NULL) die("canonical");
    ls_err err = ls_json_canonical(text, strlen(text), &out);
    json_t *result = ls_failed(err) ? json_null() : json_stringn(ls_buf_text(&out), out.length);
    ls_buf_done(&out);
    return result;
}

static json_t *answer_all(const json_t *input)
{
    struct setup setup = {0};
    read_setup(input, &setup);
    json_t *cases = json_array();
    json_t *atas = json_array();
    json_t *canonical = json_array();
    json_t *nonces = json_array();
    json_t *seeded = json_array();
    size_t index = 0;
    const json_t *one = NULL;
    json_array_foreach(json_object_get(input, "cases"), index, one)
        json_array_append_new(cases, answer_case(&setup, one));
    json_array_foreach(json_object_get(input, "atas"), index, one)
        json_array_append_new(atas, answer_ata(one));
    json_array_foreach(json_object_get(input, "canonical"), index, one)
        json_array_append_new(canonical, answer_canonical(one));
    json_array_foreach(json_object_get(input, "nonces"), index, one)
        json_array_append_new(nonces, answer_nonce(&setup, one));
    json_array_foreach(json_object_get(input, "seeded"), index, one)
        json_array_append_new(seeded, answer_seeded(&setup, one));
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "cases", cases, "atas", atas, "canonical",
                     canonical, "nonces", nonces, "seeded", seeded);
}

int main(void)
{
    if (sodium_init() < 0) die("libsodium does not start");
    json_error_t error;
    json_t *input = json_loadf(stdin, 0, &error);
    if (input == NULL) die(error.text);
    json_t *output = answer_all(input);
    if (output == NULL || json_dumpf(output, stdout, JSON_COMPACT) != 0) die("no output");
    json_decref(output);
    json_decref(input);
    return 0;
}
