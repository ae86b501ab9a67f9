/* What no single line of the configuration can show: values that do not fit together. */
#include "config_key.h"

#define WHAT "configuration"

/* A critical alert that would fire before its warning is a slip of the pen. */
static ls_err check_rules(const struct ls_config *config, struct ls_why *why)
{
    for (int i = 0; i < LS_RULE_COUNT; i++) {
        const struct ls_alert_threshold *at = &config->rules.thresholds[i];
        const bool falls = i == LS_RULE_BALANCE || i == LS_RULE_FORECAST;
        if (i == LS_RULE_ENDPOINT || at->warning < 0 || at->critical < 0) continue;
        if (falls ? at->critical <= at->warning : at->critical >= at->warning) continue;
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "[alert \"%s\"] critical is %s than warning, so it would fire "
                         "first; give both in order, or critical = off",
                         ls_alert_rule_name((enum ls_alert_rule)i), falls ? "higher" : "lower");
    }
    return LS_OK;
}

/* A value that must be no less than another, or a key could be forgotten while what it did can
 * still be done again. */
struct pair {
    const char *section;
    const char *key;
    int64_t value;
    const char *other_section;
    const char *other;
    int64_t other_value;
    const char *because;
};

/* Where the pair was completed. */
static int line_of(const struct config_seen *seen, const struct pair *pair)
{
    const int line = config_seen_line(seen, pair->section, pair->key);
    const int other = config_seen_line(seen, pair->other_section, pair->other);
    return line > other ? line : other;
}

static ls_err check_pairs(const struct ls_config *config,
                          const struct config_seen *seen,
                          int *line_out,
                          struct ls_why *why)
{
    /* A bump that the file does not give is never above its cap. */
    const int64_t bump = config_seen_line(seen, "fees", "bump") > 0 ? config->fee_bump : 0;
    const struct pair pairs[] = {
        {"retention", "keys", config->keys_ms, "retention", "history", config->history_ms,
         "a key that is forgotten earlier could be enqueued again"},
        {"retention", "keys", config->keys_ms, "retention", "markers", config->markers_ms,
         "a key that is forgotten earlier could be enqueued again"},
        {"retention", "history", config->history_ms, "retention", "markers", config->markers_ms,
         "a marker whose operation is forgotten is never given back, and nothing says whose "
         "landing it excludes"},
        {"retention", "markers", config->markers_ms, "worker", "backup_horizon",
         config->backup_horizon_ms,
         "what a restored backup holds as unfinished could land again once its marker is gone"},
        {"fees", "cap", config->fee_cap, "fees", "bump", bump,
         "no price is above the cap, so a bump would not raise it"},
        {"worker", "lease", config->lease_ms, "worker", "heartbeat", config->heartbeat_ms * 2,
         "a live worker would be taken for lost"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const struct pair *pair = &pairs[i];
        if (pair->value >= pair->other_value) continue;
        const bool is_twice = pair->other_value == config->heartbeat_ms * 2;
        *line_out = line_of(seen, pair);
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "[%s] %s is less than %s[%s] %s: %s; raise %s or lower %s",
                         pair->section, pair->key, is_twice ? "twice " : "",
                         pair->other_section, pair->other, pair->because, pair->key,
                         pair->other);
    }
    return LS_OK;
}

static ls_err check_days(const struct ls_config *config,
                         const struct config_seen *seen,
                         int *line_out,
                         struct ls_why *why)
{
    const struct {
        const char *key;
        int64_t ms;
    } days[] = {{"history", config->history_ms},
                {"keys", config->keys_ms},
                {"markers", config->markers_ms},
                {"samples", config->samples_ms}};
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        if (days[i].ms % LS_DAY_MS == 0) continue;
        *line_out = config_seen_line(seen, "retention", days[i].key);
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "[retention] %s counts whole days, e.g. 90d", days[i].key);
    }
    return LS_OK;
}

ls_err config_check(const struct ls_config *config,
                    const struct config_seen *seen,
                    int *line_out,
                    struct ls_why *why)
{
    *line_out = 0;
    for (size_t i = 0; i < config->signer_count; i++) {
        if (config->signers[i].keypair[0] != '\0') continue;
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "[signer \"%s\"] has no keypair; add keypair = FILE",
                         config->signers[i].name);
    }
    LS_TRY(check_days(config, seen, line_out, why));
    LS_TRY(check_pairs(config, seen, line_out, why));
    return check_rules(config, why);
}
