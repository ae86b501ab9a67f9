#include "doctor.h"

#include <string.h>

#include "lockstep/base/base58.h"
#include "lockstep/host/clock.h"
#include "lockstep/ledger/http_ledger.h"
#include "lockstep/solana/rpc.h"

#include "blocks_probe.h"

enum { CALL_MS = 5000, REPLY_BYTES_MAX = 1 << 20, NAME_BYTES = 128 };

/* Host and port of a URL: the path may hold a provider's token. */
static void name_of(const char *url, char out[NAME_BYTES])
{
    const char *start = strstr(url, "://");
    start = start == NULL ? url : start + 3;
    const char *at = strchr(start, '@');
    const size_t host_end = strcspn(start, "/?#");
    if (at != NULL && (size_t)(at - start) < host_end) {
        start = at + 1;
    }
    size_t bytes = strcspn(start, "/?#");
    if (bytes >= NAME_BYTES) bytes = NAME_BYTES - 1;
    memcpy(out, start, bytes);
    out[bytes] = '\0';
}

static void read_answer(struct doctor *doctor, const char *name, const ls_rpc_reply *reply)
{
    struct ls_rpc_error error;
    struct ls_hash genesis;
    struct ls_rpc_epoch epoch = {0};
    char text[LS_HASH_TEXT_BYTES];
    if (ls_rpc_error_at(reply, 0, &error)) {
        doctor_say(doctor, FINDING_WARN, LS_EXIT_NO_LEDGER, "endpoint",
                   "%s says that it is not healthy (%s); it will be used last", name,
                   error.name);
    }
    if (ls_failed(ls_rpc_genesis_at(reply, 1, &genesis)) ||
        ls_failed(ls_rpc_epoch_at(reply, 2, &epoch))) {
        doctor_say(doctor, FINDING_BAD, LS_EXIT_NO_LEDGER, "endpoint",
                   "%s does not answer as a Solana node; check the URL", name);
        return;
    }
    ls_hash_text(&genesis, text);
    if (doctor->has_genesis && memcmp(&genesis, &doctor->genesis, sizeof genesis) != 0) {
        doctor_say(
            doctor, FINDING_BAD, LS_EXIT_REFUSED, "endpoint",
            "%s is another ledger (genesis %s) than the one %s; check the URL", name, text,
            doctor->is_named ? "that the configuration names" : "this database is bound to");
        return;
    }
    doctor_say(doctor, FINDING_OK, LS_EXIT_DONE, "endpoint", "%s at slot %lld, genesis %s%s",
               name, (long long)epoch.slot, text,
               doctor->is_named      ? ", as configured"
               : doctor->has_genesis ? ", as pinned"
                                     : "");
}

static ls_err ask(const char *url, ls_rpc_reply **reply_out, struct ls_why *why)
{
    const struct ls_http_ledger_options options = {
        .endpoint_count = 1, .endpoints = {url}, .user_agent = "lockstep-doctor"};
    const struct ls_clock clock = ls_system_clock();
    ls_http_ledger *ledger = NULL;
    struct ls_rpc_batch batch;
    struct ls_buf body;
    struct ls_buf answer;
    LS_TRY(ls_http_ledger_new(&options, &clock, &ledger, why));
    ls_buf_init(&body, REPLY_BYTES_MAX);
    ls_buf_init(&answer, REPLY_BYTES_MAX);
    ls_rpc_open(&batch, &body);
    (void)ls_rpc_get_health(&batch); /* positions 0, 1, 2 */
    (void)ls_rpc_get_genesis_hash(&batch);
    (void)ls_rpc_get_epoch_info(&batch, LS_CONFIRMED);
    ls_rpc_close(&batch);
    ls_err err = ls_buf_check(&body, "doctor");
    if (!ls_failed(err)) {
        err = ls_http_ledger_post(ledger, 0, body.data, body.length, CALL_MS, &answer);
    }
    if (!ls_failed(err)) err = ls_rpc_read(ls_buf_text(&answer), answer.length, 3, reply_out);
    ls_buf_done(&body);
    ls_buf_done(&answer);
    ls_http_ledger_free(ledger);
    return err;
}

static void check_blocks(struct doctor *doctor, const char *url, const char *name)
{
    const struct ls_http_ledger_options options = {
        .endpoint_count = 1, .endpoints = {url}, .user_agent = "lockstep-doctor"};
    const struct ls_clock clock = ls_system_clock();
    struct ls_why why = {0};
    char words[BLOCKS_WORDS_BYTES];
    ls_http_ledger *ledger = NULL;
    if (ls_failed(ls_http_ledger_new(&options, &clock, &ledger, &why))) return; /* told */
    const struct blocks_probe probe = blocks_probe_ask(ledger, 0);
    ls_http_ledger_free(ledger);
    blocks_probe_words(&probe, words);
    if (words[0] != '\0')
        doctor_say(doctor, FINDING_WARN, LS_EXIT_NO_LEDGER, "endpoint", "%s %s", name, words);
}

static void check_endpoint(struct doctor *doctor, const char *url)
{
    char name[NAME_BYTES];
    struct ls_why why = {0};
    ls_rpc_reply *reply = NULL;
    name_of(url, name);
    const ls_err err = ask(url, &reply, &why);
    if (!ls_failed(err)) {
        read_answer(doctor, name, reply);
        check_blocks(doctor, url, name);
    } else if (why.text[0] != '\0') {
        doctor_say(doctor, FINDING_BAD, LS_EXIT_NO_LEDGER, "endpoint", "%s", why.text);
    } else {
        doctor_say(doctor, FINDING_BAD, LS_EXIT_NO_LEDGER, "endpoint",
                   "%s does not answer (%s, %d); check the URL and the network", name,
                   ls_code_name(err.code), (int)err.native);
    }
    ls_rpc_reply_free(reply);
}

/* From here on endpoints are held against what the configuration names. */
static void check_genesis(struct doctor *doctor, const struct ls_config *config)
{
    if (!config->has_genesis) return;
    char pinned[LS_HASH_TEXT_BYTES];
    ls_hash_text(&doctor->genesis, pinned);
    if (doctor->has_genesis &&
        memcmp(&config->genesis, &doctor->genesis, sizeof config->genesis) != 0) {
        doctor_say(doctor, FINDING_BAD, LS_EXIT_REFUSED, "ledger",
                   "the database is bound to the ledger with genesis %s, and the configuration "
                   "names another in [ledger] genesis; no worker will start",
                   pinned);
    }
    doctor->has_genesis = doctor->is_named = true;
    doctor->genesis = config->genesis;
}

void doctor_ledger(struct doctor *doctor, const struct ls_config *config)
{
    check_genesis(doctor, config);
    if (config->endpoint_count == 0) {
        doctor_say(
            doctor, FINDING_WARN, LS_EXIT_NO_LEDGER, "endpoint",
            "none is configured; add endpoint = URL to [ledger] where a worker shall run");
    }
    if (config->endpoint_count == 1) {
        doctor_say(
            doctor, FINDING_WARN, LS_EXIT_NO_LEDGER, "endpoint",
            "only one is configured; with a second a lost transaction can be proved sooner");
    }
    for (size_t i = 0; i < config->endpoint_count; i++) {
        check_endpoint(doctor, config->endpoints[i]);
    }
}
