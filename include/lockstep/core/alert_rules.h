/* Which alerts should fire, from one reading of the facts. Pure: the caller applies the
 * answer to the store, which fires, refreshes and resolves by fingerprint. */
#ifndef LOCKSTEP_CORE_ALERT_RULES_H
#define LOCKSTEP_CORE_ALERT_RULES_H

#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/err.h"
#include "lockstep/core/facts.h"

enum ls_alert_rule {
    LS_RULE_AGE,      /* oldest due operation waits too long, ms */
    LS_RULE_LAG,      /* commit to finalized takes too long, ms */
    LS_RULE_DEPTH,    /* too many wait */
    LS_RULE_STUCK,    /* count of stuck operations */
    LS_RULE_FAILED,   /* count of failed operations */
    LS_RULE_HELD,     /* count of held operations; ambiguous ones are critical */
    LS_RULE_ENDPOINT, /* count of endpoints down, one alert each; all of them: critical */
    LS_RULE_WORKER,   /* operations wait and no worker is heard, ms of silence */
    LS_RULE_BALANCE,  /* payer balance below, lamports */
    LS_RULE_GATE,     /* a gate is on: info, so that nobody forgets it; ms that it is on */
    LS_RULE_FORECAST, /* the payer's balance lasts no longer than so many ms */
    LS_RULE_KINDS, /* due operations of a kind that no living worker begins, one alert each */
};
enum { LS_RULE_COUNT = 12 };
const char *ls_alert_rule_name(enum ls_alert_rule rule); /* "age" … */
/* False when no rule has that name. */
int ls_alert_rule_parse(const char *name, enum ls_alert_rule *rule_out);

/* Thresholds: value >= warning fires a warning, >= critical a critical one (BALANCE and
 * FORECAST: value <= ). Negative: that severity is off. A count, time or silence of zero never
 * fires. HELD: one ambiguous operation is critical unless both severities are off.
 * ENDPOINT: a critical threshold that is not negative means "all are down". */
struct ls_alert_threshold {
    int64_t warning;
    int64_t critical;
};
struct ls_alert_rules {
    struct ls_alert_threshold thresholds[LS_RULE_COUNT];
};
/* age 30 s / 5 min, lag 60 s / 5 min, depth 10000 / 100000, stuck 1 / 10, failed 1 / 20,
 * held 1 / -, endpoint 1 / all, worker 15 s / 60 s, balance 0.1 / 0.01 SOL, gate - / -,
 * forecast 3 d / 12 h, kinds 1 / -. */
struct ls_alert_rules ls_alert_rules_default(void);

struct ls_alert_due {
    enum ls_alert_rule rule;
    char subject[224]; /* "" for the system as a whole; an endpoint's name, the payer, a
                          gate's selector, a kind. Rule and subject are the alert's fingerprint
                        */
    enum ls_severity severity;
    char message[256]; /* one sentence with the number and the threshold */
};
enum { LS_ALERTS_DUE_MAX = 64 };
struct ls_alerts_due {
    size_t count;
    struct ls_alert_due items[LS_ALERTS_DUE_MAX];
};

/* Everything that should be firing now; whatever of these rules is not in the answer is
 * over. */
void ls_alert_rules_evaluate(const struct ls_alert_rules *rules,
                             const struct ls_dashboard *facts,
                             struct ls_alerts_due *due_out);

#endif
