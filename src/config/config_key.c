#include "config_key.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/core/kinds.h"
#include "lockstep/core/step.h"

#include "config_value.h"
#include "lockstep/base/base58.h"
#include "lockstep/base/nearest.h"

#define WHAT "configuration"

enum form {
    FORM_TEXT,
    FORM_NUMBER,
    FORM_DURATION,
    FORM_SWITCH,
    FORM_LEVEL,
    FORM_TIME,
    FORM_CLUSTER,
    FORM_GENESIS,
    FORM_ENDPOINT,
    FORM_KEYPAIR,
    FORM_MAC_KEY,
    FORM_WARNING,
    FORM_CRITICAL,
    FORM_ATTEMPTS,
    FORM_STUCK,
    FORM_PACK,
    FORM_PRICE,      /* a number, auto or off */
    FORM_KIND_PRICE, /* the same for one kind */
    FORM_SIMULATE,
    FORM_KINDS, /* what a worker may begin */
    FORM_FENCE,
    FORM_LIMIT,
    FORM_LATER, /* a key of the design that this version does not carry out */
};

struct key_row {
    const char *section;
    const char *key;
    enum form form;
    size_t offset; /* in struct ls_config */
    size_t bytes;  /* FORM_TEXT */
    int64_t range[2];
};

#define TEXT(member_)                              \
    .offset = offsetof(struct ls_config, member_), \
    .bytes = sizeof(((struct ls_config *)0)->member_)
#define AT(member_) .offset = offsetof(struct ls_config, member_)

/* A whole transaction's units at this price are 1.4 SOL. */
enum { PRICE_MAX = 1000000000 };
#define RETENTION                    \
    {                                \
        LS_DAY_MS, 36500 * LS_DAY_MS \
    }

static const struct key_row keys[] = {
    {"environment", "name", FORM_TEXT, TEXT(environment), {0, 0}},
    {"database", "url", FORM_TEXT, TEXT(database_url), {0, 0}},
    {"ledger", "cluster", FORM_CLUSTER, TEXT(cluster), {0, 0}},
    {"ledger", "genesis", FORM_GENESIS, 0, 0, {0, 0}},
    {"ledger", "endpoint", FORM_ENDPOINT, 0, 0, {0, 0}},
    {"ledger", "calls_per_second", FORM_NUMBER, AT(calls_per_second), 0, {0, 100000}},
    {"ledger", "behind_slots", FORM_NUMBER, AT(behind_slots), 0, {1, 100000}},
    {"ledger", "commitment", FORM_LATER, 0, 0, {0, 0}},
    {"signer", "keypair", FORM_KEYPAIR, 0, 0, {0, 0}},
    {"worker", "url", FORM_TEXT, TEXT(worker_url), {0, 0}},
    {"worker", "batch", FORM_NUMBER, AT(batch), 0, {1, LS_STORE_ROWS_MAX}},
    {"worker", "in_flight_max", FORM_NUMBER, AT(in_flight_max), 0, {1, 1000000}},
    {"worker", "lease", FORM_DURATION, AT(lease_ms), 0, {2000, 3600000}},
    {"worker", "heartbeat", FORM_DURATION, AT(heartbeat_ms), 0, {100, 600000}},
    {"worker",
     "backup_horizon",
     FORM_DURATION,
     AT(backup_horizon_ms),
     0,
     {60000, INT64_C(400) * 86400000}},
    {"worker", "kinds", FORM_KINDS, 0, 0, {0, 0}},
    {"worker", "mac_key_file", FORM_MAC_KEY, 0, 0, {0, 0}},
    {"kind", "fence", FORM_FENCE, 0, 0, {0, 0}},
    {"kind", "pack", FORM_PACK, 0, 0, {0, 0}},
    {"kind", "price", FORM_KIND_PRICE, 0, 0, {0, PRICE_MAX}},
    {"fees", "price", FORM_PRICE, AT(fee_price), 0, {0, PRICE_MAX}},
    {"fees", "percentile", FORM_NUMBER, AT(fee_percentile), 0, {0, 100}},
    {"fees", "cap", FORM_NUMBER, AT(fee_cap), 0, {0, PRICE_MAX}},
    {"fees", "bump", FORM_NUMBER, AT(fee_bump), 0, {0, PRICE_MAX}},
    {"fees", "bump_factor", FORM_NUMBER, AT(fee_bump_factor), 0, {2, 100}},
    {"fees", "bump_after", FORM_NUMBER, AT(bump_after), 0, {5, 10000}},
    {"fees", "bumps", FORM_NUMBER, AT(bumps), 0, {0, LS_FAMILY_MAX - 2}},
    {"fees", "unit_margin", FORM_NUMBER, AT(unit_margin), 0, {0, 1000}},
    {"fees", "simulate", FORM_SIMULATE, 0, 0, {0, 0}},
    {"kind", "max_attempts", FORM_ATTEMPTS, 0, 0, {1, 1000}},
    {"kind", "stuck_after", FORM_STUCK, 0, 0, {1000, 86400000}},
    {"kind", "value_limit", FORM_LIMIT, 0, 0, {0, INT64_MAX}},
    {"retention", "history", FORM_DURATION, AT(history_ms), 0, RETENTION},
    {"retention", "keys", FORM_DURATION, AT(keys_ms), 0, RETENTION},
    {"retention", "markers", FORM_DURATION, AT(markers_ms), 0, RETENTION},
    {"retention", "outcomes", FORM_NUMBER, AT(outcomes), 0, {1, 1000000000}},
    {"retention", "samples", FORM_DURATION, AT(samples_ms), 0, {LS_DAY_MS, 3650 * LS_DAY_MS}},
    {"alert", "desktop", FORM_SWITCH, AT(desktop), 0, {0, 0}},
    {"alert", "open", FORM_TEXT, TEXT(open), {0, 0}},
    {"alert", "webhook", FORM_LATER, 0, 0, {0, 0}},
    {"alert", "webhook_secret_file", FORM_LATER, 0, 0, {0, 0}},
    {"alert", "warning", FORM_WARNING, 0, 0, {0, 0}},
    {"alert", "critical", FORM_CRITICAL, 0, 0, {0, 0}},
    {"ui", "theme", FORM_TEXT, TEXT(theme), {0, 0}},
    {"ui", "refresh", FORM_DURATION, AT(refresh_ms), 0, {100, 600000}},
    {"ui", "links", FORM_SWITCH, AT(links), 0, {0, 0}},
    {"ui", "keys", FORM_TEXT, TEXT(keys), {0, 0}},
    {"ui", "time", FORM_TIME, AT(time), 0, {0, 0}},
    {"log", "file", FORM_TEXT, TEXT(log_file), {0, 0}},
    {"log", "level", FORM_LEVEL, AT(log_level), 0, {0, 0}},
};
enum { KEY_COUNT = sizeof keys / sizeof keys[0] };
static_assert((int)KEY_COUNT <= (int)CONFIG_KEYS_MAX,
              "config_seen has a bit and a line for each key");

static const struct config_word switch_words[] = {
    {"auto", LS_SWITCH_AUTO}, {"on", LS_SWITCH_ON}, {"off", LS_SWITCH_OFF}, {NULL, 0}};
static const struct config_word on_off_words[] = {
    {"on", LS_SWITCH_ON}, {"off", LS_SWITCH_OFF}, {NULL, 0}};
static const struct config_word time_words[] = {
    {"relative", LS_TIME_RELATIVE}, {"local", LS_TIME_LOCAL}, {"utc", LS_TIME_UTC}, {NULL, 0}};
static const struct config_word level_words[] = {{"debug", LS_LEVEL_DEBUG},
                                                 {"info", LS_LEVEL_INFO},
                                                 {"warning", LS_LEVEL_WARNING},
                                                 {"error", LS_LEVEL_ERROR},
                                                 {NULL, 0}};
static const struct config_word fence_words[] = {{"expiry", LS_FENCE_EXPIRY},
                                                 {"nonce", LS_FENCE_NONCE},
                                                 {"marker", LS_FENCE_MARKER},
                                                 {NULL, 0}};
static const struct config_word cluster_words[] = {
    {"localnet", 0}, {"devnet", 0}, {"testnet", 0}, {"mainnet-beta", 0}, {NULL, 0}};

bool config_key_at(size_t index, const char **section_out, const char **key_out)
{
    if (index >= KEY_COUNT) return false;
    *section_out = keys[index].section;
    *key_out = keys[index].form == FORM_LATER ? "" : keys[index].key;
    return true;
}

bool config_section_needs_name(const char *section)
{
    return strcmp(section, "signer") == 0 || strcmp(section, "kind") == 0;
}

bool config_section_may_have_name(const char *section)
{
    return config_section_needs_name(section) || strcmp(section, "alert") == 0;
}

ls_err config_section_known(const char *kind, struct ls_why *why)
{
    struct ls_nearest nearest;
    ls_nearest_init(&nearest, kind);
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (strcmp(keys[i].section, kind) == 0) return LS_OK;
        ls_nearest_offer(&nearest, keys[i].section);
    }
    if (nearest.best != NULL) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT, "unknown section [%s]; did you mean [%s]?",
                         kind, nearest.best);
    }
    return ls_refuse(
        why, LS_CODE_INVALID, WHAT,
        "unknown section [%s]; known are environment, database, ledger, fees, signer, "
        "worker, alert, ui and log",
        kind);
}

static ls_err set_genesis(struct ls_config *config, const char *value, struct ls_why *why)
{
    if (!ls_hash_parse(value, &config->genesis)) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "genesis '%s' is no hash in base58; lockstep endpoint list shows that "
                         "of each endpoint",
                         value);
    }
    config->has_genesis = true;
    return LS_OK;
}

static ls_err add_endpoint(struct ls_config *config, const char *value, struct ls_why *why)
{
    if (config->endpoint_count == LS_ENDPOINTS_MAX) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT, "more than %d endpoints; keep at most %d",
                         LS_ENDPOINTS_MAX, LS_ENDPOINTS_MAX);
    }
    LS_TRY(config_value_text("endpoint", value, config->endpoints[config->endpoint_count],
                             LS_CONFIG_URL_BYTES, why));
    config->endpoint_count++;
    return LS_OK;
}

static ls_err add_mac_key(struct ls_config *config, const char *value, struct ls_why *why)
{
    if (config->mac_key_count == LS_MAC_KEYS_MAX) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "more than %d mac_key_file; keep at most %d", LS_MAC_KEYS_MAX,
                         LS_MAC_KEYS_MAX);
    }
    LS_TRY(config_value_text("mac_key_file", value, config->mac_keys[config->mac_key_count],
                             LS_CONFIG_PATH_BYTES, why));
    config->mac_key_count++;
    return LS_OK;
}

static bool rule_counts_time(enum ls_alert_rule rule)
{
    return rule == LS_RULE_AGE || rule == LS_RULE_LAG || rule == LS_RULE_WORKER ||
           rule == LS_RULE_FORECAST;
}

static ls_err set_threshold(struct ls_config *config,
                            const struct config_section *section,
                            const struct key_row *row,
                            const char *value,
                            struct ls_why *why)
{
    static const int64_t any[2] = {0, INT64_MAX};
    enum ls_alert_rule rule = LS_RULE_AGE;
    if (!section->has_name || !ls_alert_rule_parse(section->name, &rule)) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "%s stands in a rule's section, e.g. [alert \"age\"]", row->key);
    }
    struct ls_alert_threshold *threshold = &config->rules.thresholds[rule];
    int64_t *out = row->form == FORM_WARNING ? &threshold->warning : &threshold->critical;
    if (strcmp(value, "off") == 0) {
        *out = -1;
        return LS_OK;
    }
    if (rule_counts_time(rule)) return config_value_duration(row->key, value, any, out, why);
    if (rule != LS_RULE_BALANCE) return config_value_number(row->key, value, any, out, why);
    if (ls_lamports_parse(value, out)) return LS_OK;
    return ls_refuse(why, LS_CODE_INVALID, WHAT,
                     "%s = %s is no amount; use lamports or, e.g., 0.5sol", row->key, value);
}

static ls_err set_word(struct ls_config *config,
                       const struct key_row *row,
                       const char *value,
                       struct ls_why *why)
{
    int chosen = 0;
    if (row->form == FORM_SWITCH) {
        LS_TRY(config_value_word(row->key, value, switch_words, &chosen, why));
        *(enum ls_config_switch *)(void *)((char *)config + row->offset) =
            (enum ls_config_switch)chosen;
    } else if (row->form == FORM_LEVEL) {
        LS_TRY(config_value_word(row->key, value, level_words, &chosen, why));
        config->log_level = (enum ls_level)chosen;
    } else if (row->form == FORM_TIME) {
        LS_TRY(config_value_word(row->key, value, time_words, &chosen, why));
        config->time = (enum ls_config_time)chosen;
    } else {
        LS_TRY(config_value_word(row->key, value, cluster_words, &chosen, why));
        return config_value_text(row->key, value, config->cluster, sizeof config->cluster, why);
    }
    return LS_OK;
}

static struct ls_config_kind *kind_settings(struct ls_config *config,
                                            const struct config_section *section)
{
    enum ls_kind kind = LS_KIND_NONE;
    const bool is_known = ls_kind_parse(section->name, &kind);
    assert(is_known); /* the section's opening checked it */
    return &config->kinds[kind];
}

static ls_err set_kind(struct ls_config *config,
                       const struct config_section *section,
                       const struct key_row *row,
                       const char *value,
                       struct ls_why *why)
{
    struct ls_config_kind *settings = kind_settings(config, section);
    int chosen = 0;
    if (row->form == FORM_ATTEMPTS)
        return config_value_number(row->key, value, row->range, &settings->max_attempts, why);
    if (row->form == FORM_STUCK) {
        return config_value_duration(row->key, value, row->range, &settings->stuck_after_ms,
                                     why);
    }
    if (row->form == FORM_FENCE) {
        LS_TRY(config_value_word(row->key, value, fence_words, &chosen, why));
        settings->fence = (enum ls_fence)chosen;
        settings->has_fence = true;
        return LS_OK;
    }
    settings->value_limit = -1;
    if (strcmp(value, "off") != 0)
        LS_TRY(config_value_number(row->key, value, row->range, &settings->value_limit, why));
    settings->has_value_limit = true;
    return LS_OK;
}

/* Whether the file has given this kind's setting already. */
static bool kind_has(const struct ls_config_kind *settings, enum form form)
{
    if (form == FORM_ATTEMPTS) return settings->max_attempts != 0;
    if (form == FORM_STUCK) return settings->stuck_after_ms != 0;
    if (form == FORM_PACK) return settings->pack != LS_SWITCH_AUTO;
    if (form == FORM_KIND_PRICE) return settings->has_price;
    return form == FORM_FENCE ? settings->has_fence : settings->has_value_limit;
}

/* LS_SWITCH_AUTO stands for the file's silence alone. */
static ls_err set_pack(struct ls_config *config,
                       const struct config_section *section,
                       const char *value,
                       struct ls_why *why)
{
    int chosen = 0;
    LS_TRY(config_value_word("pack", value, on_off_words, &chosen, why));
    kind_settings(config, section)->pack = (enum ls_config_switch)chosen;
    return LS_OK;
}

static ls_err set_fee(struct ls_config *config,
                      const struct config_section *section,
                      const struct key_row *row,
                      const char *value,
                      struct ls_why *why)
{
    int chosen = 0;
    if (row->form == FORM_PRICE)
        return config_value_price(row->key, value, row->range, &config->fee_price, why);
    if (row->form == FORM_KIND_PRICE) {
        struct ls_config_kind *settings = kind_settings(config, section);
        settings->has_price = true;
        return config_value_price(row->key, value, row->range, &settings->price, why);
    }
    LS_TRY(config_value_word("simulate", value, on_off_words, &chosen, why));
    config->simulate = (enum ls_config_switch)chosen;
    return LS_OK;
}

static ls_err set_row(struct ls_config *config,
                      const struct config_section *section,
                      const struct key_row *row,
                      const char *value,
                      struct ls_why *why)
{
    char *place = (char *)config + row->offset;
    struct ls_config_signer *signer =
        config->signer_count == 0 ? NULL : &config->signers[config->signer_count - 1];
    switch (row->form) {
    case FORM_TEXT: return config_value_text(row->key, value, place, row->bytes, why);
    case FORM_NUMBER:
        return config_value_number(row->key, value, row->range, (int64_t *)(void *)place, why);
    case FORM_DURATION:
        return config_value_duration(row->key, value, row->range, (int64_t *)(void *)place,
                                     why);
    case FORM_SWITCH:
    case FORM_LEVEL:
    case FORM_TIME:
    case FORM_CLUSTER: return set_word(config, row, value, why);
    case FORM_GENESIS: return set_genesis(config, value, why);
    case FORM_ENDPOINT: return add_endpoint(config, value, why);
    case FORM_KEYPAIR:
        return config_value_text(row->key, value, signer->keypair, sizeof signer->keypair, why);
    case FORM_MAC_KEY: return add_mac_key(config, value, why);
    case FORM_ATTEMPTS:
    case FORM_STUCK:
    case FORM_FENCE:
    case FORM_LIMIT: return set_kind(config, section, row, value, why);
    case FORM_PACK: return set_pack(config, section, value, why);
    case FORM_PRICE:
    case FORM_KIND_PRICE:
    case FORM_SIMULATE: return set_fee(config, section, row, value, why);
    case FORM_KINDS: return ls_kinds_parse(value, &config->works_on, why);
    case FORM_WARNING:
    case FORM_CRITICAL: return set_threshold(config, section, row, value, why);
    case FORM_LATER: break;
    }
    return ls_refuse(why, LS_CODE_INVALID, WHAT,
                     "this version does not carry out %s in [%s] yet; remove the line",
                     row->key, row->section);
}

static bool *
seen_threshold(struct config_seen *seen, const struct config_section *section, enum form form)
{
    enum ls_alert_rule rule = LS_RULE_AGE;
    if (!section->has_name || !ls_alert_rule_parse(section->name, &rule)) return NULL;
    return form == FORM_WARNING ? &seen->warnings[rule] : &seen->criticals[rule];
}

/* Whether the file gave this key before; from now on it did. */
static bool is_repeated(struct ls_config *config,
                        const struct config_section *section,
                        struct config_seen *seen,
                        const struct key_row *row)
{
    const uint64_t bit = UINT64_C(1) << (size_t)(row - keys);
    bool was_seen = false;
    bool *threshold = NULL;
    switch (row->form) {
    case FORM_ENDPOINT:
    case FORM_MAC_KEY:
    case FORM_LATER: return false;
    case FORM_ATTEMPTS:
    case FORM_STUCK:
    case FORM_FENCE:
    case FORM_PACK:
    case FORM_KIND_PRICE:
    case FORM_LIMIT: return kind_has(kind_settings(config, section), row->form);
    case FORM_KEYPAIR:
        return config->signer_count > 0 &&
               config->signers[config->signer_count - 1].keypair[0] != '\0';
    case FORM_WARNING:
    case FORM_CRITICAL:
        threshold = seen_threshold(seen, section, row->form);
        if (threshold == NULL) return false;
        was_seen = *threshold;
        *threshold = true;
        return was_seen;
    case FORM_TEXT:
    case FORM_NUMBER:
    case FORM_DURATION:
    case FORM_SWITCH:
    case FORM_LEVEL:
    case FORM_TIME:
    case FORM_PRICE:
    case FORM_SIMULATE:
    case FORM_KINDS:
    case FORM_GENESIS:
    case FORM_CLUSTER: break;
    }
    was_seen = (seen->keys & bit) != 0;
    seen->keys |= bit;
    return was_seen;
}

int config_seen_line(const struct config_seen *seen, const char *section, const char *key)
{
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (strcmp(keys[i].section, section) == 0 && strcmp(keys[i].key, key) == 0)
            return seen->lines[i];
    }
    assert(false); /* there is no such key */
    return 0;
}

ls_err config_key_set(struct ls_config *config,
                      const struct config_section *section,
                      struct config_seen *seen,
                      const char *key,
                      const char *value,
                      struct ls_why *why)
{
    struct ls_nearest nearest;
    ls_nearest_init(&nearest, key);
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (strcmp(keys[i].section, section->kind) != 0) continue;
        if (strcmp(keys[i].key, key) == 0) {
            if (is_repeated(config, section, seen, &keys[i])) {
                return ls_refuse(why, LS_CODE_INVALID, WHAT,
                                 "%s stands twice in [%s%s%s%s]; keep one of the two", key,
                                 section->kind, section->has_name ? " \"" : "", section->name,
                                 section->has_name ? "\"" : "");
            }
            seen->lines[i] = seen->line;
            return set_row(config, section, &keys[i], value, why);
        }
        ls_nearest_offer(&nearest, keys[i].key);
    }
    if (nearest.best == NULL) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "unknown key %s in [%s]; see docs/configuration.md", key,
                         section->kind);
    }
    return ls_refuse(why, LS_CODE_INVALID, WHAT, "unknown key %s in [%s]; did you mean %s?",
                     key, section->kind, nearest.best);
}
