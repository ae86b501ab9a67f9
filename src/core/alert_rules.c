#include "lockstep/core/alert_rules.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/base/utf8.h"

static const char *const rule_names[LS_RULE_COUNT] = {
    "age",      "lag",    "depth",   "stuck", "failed",   "held",
    "endpoint", "worker", "balance", "gate",  "forecast", "kinds",
};

const char *ls_alert_rule_name(enum ls_alert_rule rule)
{
    if ((unsigned)rule >= LS_RULE_COUNT) return "unknown";
    return rule_names[rule];
}

int ls_alert_rule_parse(const char *name, enum ls_alert_rule *rule_out)
{
    assert(name != NULL);
    assert(rule_out != NULL);
    for (int i = 0; i < LS_RULE_COUNT; i++) {
        if (strcmp(name, rule_names[i]) != 0) continue;
        *rule_out = (enum ls_alert_rule)i;
        return 1;
    }
    return 0;
}

struct ls_alert_rules ls_alert_rules_default(void)
{
    return (struct ls_alert_rules){
        .thresholds =
            {
                [LS_RULE_AGE] = {30000, 300000},
                [LS_RULE_LAG] = {60000, 300000},
                [LS_RULE_DEPTH] = {10000, 100000},
                [LS_RULE_STUCK] = {1, 10},
                [LS_RULE_FAILED] = {1, 20},
                [LS_RULE_HELD] = {1, -1},
                [LS_RULE_ENDPOINT] = {1, 1},
                [LS_RULE_WORKER] = {15000, 60000},
                [LS_RULE_BALANCE] = {100000000, 10000000},
                [LS_RULE_GATE] = {-1, -1},
                [LS_RULE_FORECAST] = {INT64_C(3) * 86400000, INT64_C(12) * 3600000},
                [LS_RULE_KINDS] = {1, -1},
            },
    };
}

/* A threshold that was reached: its severity and its own value, for the message. */
struct hit {
    bool is_hit;
    enum ls_severity severity;
    int64_t threshold;
};

static struct hit above(struct ls_alert_threshold threshold, int64_t value)
{
    if (threshold.critical >= 0 && value >= threshold.critical)
        return (struct hit){true, LS_SEVERITY_CRITICAL, threshold.critical};
    if (threshold.warning >= 0 && value >= threshold.warning)
        return (struct hit){true, LS_SEVERITY_WARNING, threshold.warning};
    return (struct hit){0};
}

static struct hit below(struct ls_alert_threshold threshold, uint64_t value)
{
    if (threshold.critical >= 0 && value <= (uint64_t)threshold.critical)
        return (struct hit){true, LS_SEVERITY_CRITICAL, threshold.critical};
    if (threshold.warning >= 0 && value <= (uint64_t)threshold.warning)
        return (struct hit){true, LS_SEVERITY_WARNING, threshold.warning};
    return (struct hit){0};
}

/* Take away the half of a character that a cut left at the end. */
static void trim_cut_character(char *text)
{
    size_t length = strlen(text);
    size_t start = length;
    while (start > 0 && length - start < 3 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
        start--;
    if (start == 0) return;
    start--;
    uint32_t scalar = 0;
    if (ls_utf8_next(text + start, length - start, &scalar) != length - start)
        text[start] = '\0';
}

static void add(struct ls_alerts_due *due,
                enum ls_alert_rule rule,
                enum ls_severity severity,
                const char *subject,
                const char *format,
                ...) LS_PRINTF(5, 6);

static void add(struct ls_alerts_due *due,
                enum ls_alert_rule rule,
                enum ls_severity severity,
                const char *subject,
                const char *format,
                ...)
{
    assert(due->count < LS_ALERTS_DUE_MAX);
    struct ls_alert_due *item = &due->items[due->count++];
    *item = (struct ls_alert_due){.rule = rule, .severity = severity};
    (void)snprintf(item->subject, sizeof item->subject, "%s", subject);
    trim_cut_character(item->subject);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(item->message, sizeof item->message, format, arguments);
    va_end(arguments);
    trim_cut_character(item->message);
}

/* Numbers as people say them, in caller's memory. */
enum { PHRASE_BYTES = 48 };
struct phrase {
    char text[PHRASE_BYTES];
};

static struct phrase duration_phrase(int64_t ms)
{
    static const struct unit {
        int64_t ms;
        const char *name;
    } units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "min"}, {1000, "s"}, {1, "ms"}};
    enum { LAST = sizeof units / sizeof units[0] - 1 };
    struct phrase phrase;
    size_t i = 0;
    while (i < LAST && ms < units[i].ms) i++;
    int64_t whole = ms / units[i].ms;
    int64_t rest = i + 1 >= LAST ? 0 : ms % units[i].ms / units[i + 1].ms;
    if (rest > 0) {
        (void)snprintf(phrase.text, sizeof phrase.text, "%" PRId64 " %s %" PRId64 " %s", whole,
                       units[i].name, rest, units[i + 1].name);
    } else {
        (void)snprintf(phrase.text, sizeof phrase.text, "%" PRId64 " %s", whole, units[i].name);
    }
    return phrase;
}

static struct phrase sol_phrase(uint64_t lamports)
{
    struct phrase phrase;
    (void)snprintf(phrase.text, sizeof phrase.text, "%" PRIu64 ".%09" PRIu64,
                   lamports / 1000000000u, lamports % 1000000000u);
    size_t length = strlen(phrase.text);
    while (length > 0 && phrase.text[length - 1] == '0') phrase.text[--length] = '\0';
    if (length > 0 && phrase.text[length - 1] == '.') phrase.text[--length] = '\0';
    (void)snprintf(phrase.text + length, sizeof phrase.text - length, " SOL");
    return phrase;
}

static const char *are(int64_t count)
{
    return count == 1 ? "operation is" : "operations are";
}

static void judge_times(const struct ls_alert_rules *rules,
                        const struct ls_dashboard *facts,
                        struct ls_alerts_due *due)
{
    struct hit age = above(rules->thresholds[LS_RULE_AGE], facts->age_ms);
    if (age.is_hit && facts->age_ms > 0) {
        add(due, LS_RULE_AGE, age.severity, "",
            "The oldest due operation has waited %s (threshold %s).",
            duration_phrase(facts->age_ms).text, duration_phrase(age.threshold).text);
    }

    struct hit lag = above(rules->thresholds[LS_RULE_LAG], facts->lag_ms);
    if (lag.is_hit && facts->lag_ms > 0) {
        add(due, LS_RULE_LAG, lag.severity, "",
            "From commit to finalized takes %s (median of the last minute; threshold %s).",
            duration_phrase(facts->lag_ms).text, duration_phrase(lag.threshold).text);
    }
}

static void judge_counts(const struct ls_alert_rules *rules,
                         const struct ls_dashboard *facts,
                         struct ls_alerts_due *due)
{
    struct hit depth = above(rules->thresholds[LS_RULE_DEPTH], facts->depth);
    if (depth.is_hit && facts->depth > 0) {
        add(due, LS_RULE_DEPTH, depth.severity, "",
            "%" PRId64 " %s waiting (threshold %" PRId64 ").", facts->depth, are(facts->depth),
            depth.threshold);
    }

    struct hit stuck = above(rules->thresholds[LS_RULE_STUCK], facts->stuck);
    if (stuck.is_hit && facts->stuck > 0) {
        add(due, LS_RULE_STUCK, stuck.severity, "",
            "%" PRId64 " %s stuck, the oldest for %s (threshold %" PRId64 ").", facts->stuck,
            are(facts->stuck), duration_phrase(facts->now_ms - facts->oldest_stuck_ms).text,
            stuck.threshold);
    }

    int64_t count = facts->counts[LS_STATE_FAILED];
    struct hit failed = above(rules->thresholds[LS_RULE_FAILED], count);
    if (failed.is_hit && count > 0) {
        add(due, LS_RULE_FAILED, failed.severity, "",
            "%" PRId64 " %s failed and wait%s for retry or cancel (threshold %" PRId64 ").",
            count, are(count), count == 1 ? "s" : "", failed.threshold);
    }
}

/* An ambiguous operation is critical from the first, unless the rule is off. */
static void judge_held(const struct ls_alert_rules *rules,
                       const struct ls_dashboard *facts,
                       struct ls_alerts_due *due)
{
    struct ls_alert_threshold threshold = rules->thresholds[LS_RULE_HELD];
    int64_t count = facts->counts[LS_STATE_HELD];
    int64_t ambiguous = facts->held_ambiguous;
    bool is_on = threshold.warning >= 0 || threshold.critical >= 0;
    if (is_on && ambiguous > 0) {
        add(due, LS_RULE_HELD, LS_SEVERITY_CRITICAL, "",
            "%" PRId64 " %s held, %" PRId64
            " of them because nobody can prove whether it landed (threshold 1).",
            count, are(count), ambiguous);
        return;
    }
    struct hit held = above(threshold, count);
    if (held.is_hit && count > 0) {
        add(due, LS_RULE_HELD, held.severity, "",
            "%" PRId64 " %s held for a person to decide (threshold %" PRId64 ").", count,
            are(count), held.threshold);
    }
}

static void judge_endpoints(const struct ls_alert_rules *rules,
                            const struct ls_dashboard *facts,
                            struct ls_alerts_due *due)
{
    struct ls_alert_threshold threshold = rules->thresholds[LS_RULE_ENDPOINT];
    size_t count = facts->endpoint_count;
    assert(count <= LS_FACTS_ENDPOINTS_MAX);
    size_t down = 0;
    for (size_t i = 0; i < count; i++) down += facts->endpoints[i].is_up ? 0 : 1;
    if (down == 0) return;

    bool are_all_down = down == count;
    if (are_all_down && threshold.critical >= 0) {
        add(due, LS_RULE_ENDPOINT, LS_SEVERITY_CRITICAL, "",
            "%zu of %zu ledger endpoints %s down (threshold: all): nothing can be sent.", down,
            count, count == 1 ? "is" : "are");
    }
    if (threshold.warning < 0 || (int64_t)down < threshold.warning) return;
    if (are_all_down && count == 1 && threshold.critical >= 0) return; /* said already */
    for (size_t i = 0; i < count; i++) {
        const struct ls_endpoint_row *row = &facts->endpoints[i];
        if (row->is_up) continue;
        int64_t for_ms = facts->now_ms > row->changed_ms ? facts->now_ms - row->changed_ms : 0;
        add(due, LS_RULE_ENDPOINT, LS_SEVERITY_WARNING, row->name,
            "Ledger endpoint %s has been down for %s%s%s (%zu of %zu down, threshold %" PRId64
            ").",
            row->name, duration_phrase(for_ms).text, row->trouble[0] == '\0' ? "" : ": ",
            row->trouble, down, count, threshold.warning);
    }
}

/* Where no worker is known at all, the oldest due operation has waited as long as there
 * was silence. */
static int64_t worker_silence_ms(const struct ls_dashboard *facts)
{
    assert(facts->worker_count <= LS_FACTS_WORKERS_MAX);
    if (facts->worker_count == 0 && facts->heard_ms == 0) return facts->age_ms;
    int64_t newest_ms = facts->heard_ms;
    for (size_t i = 0; i < facts->worker_count; i++) {
        if (facts->workers[i].heartbeat_ms > newest_ms)
            newest_ms = facts->workers[i].heartbeat_ms;
    }
    return facts->now_ms > newest_ms ? facts->now_ms - newest_ms : 0;
}

static void judge_worker(const struct ls_alert_rules *rules,
                         const struct ls_dashboard *facts,
                         struct ls_alerts_due *due)
{
    int64_t waiting =
        facts->depth + facts->counts[LS_STATE_LEASED] + facts->counts[LS_STATE_SUBMITTED];
    int64_t silence_ms = worker_silence_ms(facts);
    struct hit hit = above(rules->thresholds[LS_RULE_WORKER], silence_ms);
    if (!hit.is_hit || waiting <= 0 || silence_ms <= 0) return;
    add(due, LS_RULE_WORKER, hit.severity, "",
        "No worker has been heard for %s (threshold %s) while %" PRId64 " %s unfinished.",
        duration_phrase(silence_ms).text, duration_phrase(hit.threshold).text, waiting,
        are(waiting));
}

static void judge_balance(const struct ls_alert_rules *rules,
                          const struct ls_dashboard *facts,
                          struct ls_alerts_due *due)
{
    if (!facts->has_balance) return;
    struct hit hit = below(rules->thresholds[LS_RULE_BALANCE], facts->balance_lamports);
    if (!hit.is_hit) return;
    add(due, LS_RULE_BALANCE, hit.severity, facts->payer,
        "Payer %s holds %s (threshold %s); fund it before operations wait.", facts->payer,
        sol_phrase(facts->balance_lamports).text, sol_phrase((uint64_t)hit.threshold).text);
}

/* A few minutes tell little: what was sent in a burst will not go on like that. */
static void judge_forecast(const struct ls_alert_rules *rules,
                           const struct ls_dashboard *facts,
                           struct ls_alerts_due *due)
{
    enum { MINUTES_MIN = 30 };
    const int64_t minutes = ls_dashboard_payer_minutes(facts);
    if (minutes < 0 || facts->spent_minutes < MINUTES_MIN || minutes > INT64_MAX / 60000)
        return;
    struct hit hit = below(rules->thresholds[LS_RULE_FORECAST], (uint64_t)minutes * 60000);
    if (!hit.is_hit) return;
    add(due, LS_RULE_FORECAST, hit.severity, facts->payer,
        "Payer %s lasts about %s at the pace of the last hour (threshold %s): fund it.",
        facts->payer, duration_phrase(minutes * 60000).text,
        duration_phrase(hit.threshold).text);
}

static void judge_gates(const struct ls_alert_rules *rules,
                        const struct ls_dashboard *facts,
                        struct ls_alerts_due *due)
{
    assert(facts->gate_count <= LS_FACTS_GATES_MAX);
    for (size_t i = 0; i < facts->gate_count; i++) {
        const struct ls_gate_row *gate = &facts->gates[i];
        int64_t for_ms = facts->now_ms > gate->since_ms ? facts->now_ms - gate->since_ms : 0;
        struct hit hit = above(rules->thresholds[LS_RULE_GATE], for_ms);
        add(due, LS_RULE_GATE, hit.is_hit ? hit.severity : LS_SEVERITY_INFO, gate->selector,
            "Gate %s has been on for %s, put on by %s%s%s", gate->selector,
            duration_phrase(for_ms).text, gate->by_worker ? "a worker" : gate->actor,
            gate->reason[0] == '\0' ? "." : ": ", gate->reason);
    }
}

static void judge_kinds(const struct ls_alert_rules *rules,
                        const struct ls_dashboard *facts,
                        struct ls_alerts_due *due)
{
    assert(facts->waiting_count <= LS_KIND_MAX + 1);
    bool are_idle = false;
    if (ls_dashboard_living(facts, &are_idle) == 0) return; /* the rule worker says it */
    for (size_t i = 0; i < facts->waiting_count; i++) {
        const struct ls_kind_waiting *row = &facts->waiting[i];
        struct hit hit = above(rules->thresholds[LS_RULE_KINDS], row->waiting);
        if (row->is_attended || !hit.is_hit || row->waiting == 0) continue;
        add(due, LS_RULE_KINDS, hit.severity, ls_kind_waiting_name(row),
            "Nobody works on %s: %" PRId64 "%s %s due (threshold %" PRId64
            "). lockstep worker list says what each works on.",
            ls_kind_waiting_name(row), row->waiting,
            row->waiting >= LS_FACTS_UNATTENDED_MAX ? " or more" : "",
            row->kind == LS_KIND_NONE ? (row->waiting == 1 ? "is" : "are") : are(row->waiting),
            hit.threshold);
    }
}

void ls_alert_rules_evaluate(const struct ls_alert_rules *rules,
                             const struct ls_dashboard *facts,
                             struct ls_alerts_due *due_out)
{
    assert(rules != NULL);
    assert(facts != NULL && due_out != NULL);
    due_out->count = 0;
    judge_times(rules, facts, due_out);
    judge_counts(rules, facts, due_out);
    judge_held(rules, facts, due_out);
    judge_endpoints(rules, facts, due_out);
    judge_worker(rules, facts, due_out);
    judge_balance(rules, facts, due_out);
    judge_forecast(rules, facts, due_out);
    judge_gates(rules, facts, due_out);
    judge_kinds(rules, facts, due_out);
}
