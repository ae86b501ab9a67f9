#include "lockstep/core/facts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/core/number.h"

const char *ls_severity_name(enum ls_severity severity)
{
    switch (severity) {
    case LS_SEVERITY_INFO: return "info";
    case LS_SEVERITY_WARNING: return "warning";
    case LS_SEVERITY_CRITICAL: return "critical";
    }
    return "unknown";
}

const char *ls_alert_state_name(enum ls_alert_state state)
{
    switch (state) {
    case LS_ALERT_FIRING: return "firing";
    case LS_ALERT_ACKED: return "acked";
    case LS_ALERT_RESOLVED: return "resolved";
    }
    return "unknown";
}

int64_t ls_dashboard_done_per_minute(const struct ls_dashboard *facts)
{
    const int64_t minute_ms = 60000;
    int64_t into_ms = facts->now_ms > 0 ? facts->now_ms % minute_ms : 0;
    int64_t before = facts->minute_done[LS_FACTS_MINUTES - 2];
    return facts->minute_done[LS_FACTS_MINUTES - 1] +
           before * (minute_ms - into_ms) / minute_ms;
}

int64_t ls_dashboard_began_ms(const struct ls_dashboard *facts)
{
    int64_t began_ms = facts->first_failed_ms;
    if (facts->oldest_stuck_ms > 0 && (began_ms == 0 || facts->oldest_stuck_ms < began_ms))
        began_ms = facts->oldest_stuck_ms;
    return began_ms;
}

/* What left the queue for good: done, and failed, which waits for a person elsewhere. */
struct ls_flow ls_dashboard_flow(const struct ls_dashboard *facts)
{
    enum { FROM = LS_FACTS_MINUTES - 6, TO = LS_FACTS_MINUTES - 1, MINUTES = TO - FROM };
    int64_t arrived = 0;
    int64_t left = 0;
    struct ls_flow flow = {.drains_minutes = -1};
    for (int i = FROM; i < TO; i++) {
        arrived += facts->minute_enqueued[i];
        left += facts->minute_done[i] + facts->minute_failed[i];
    }
    flow.arriving = arrived / MINUTES;
    flow.finishing = left / MINUTES;
    if (left > arrived)
        flow.drains_minutes = (facts->depth * MINUTES + left - arrived - 1) / (left - arrived);
    if (facts->depth == 0) flow.drains_minutes = 0;
    /* What is in flight has arrived too: only a queue that is longer now has grown. */
    int64_t longer = facts->depth - facts->minute_depth[FROM];
    int64_t surplus = longer < arrived - left ? longer : arrived - left;
    if (surplus > 0) flow.grows = (surplus + MINUTES - 1) / MINUTES;
    flow.stands = flow.drains_minutes < 0 && flow.grows == 0 &&
                  (facts->age_ms > 0 || facts->stuck > 0) && facts->depth > flow.finishing &&
                  facts->minute_depth[FROM] > flow.finishing;
    return flow;
}

int64_t ls_dashboard_payer_minutes(const struct ls_dashboard *facts)
{
    if (!facts->has_balance || facts->spent_minutes < 1 || facts->spent_lamports == 0)
        return -1;
    uint64_t each = facts->spent_lamports / (uint64_t)facts->spent_minutes;
    if (each == 0) each = 1;
    uint64_t minutes = facts->balance_lamports / each;
    return minutes > INT64_MAX ? INT64_MAX : (int64_t)minutes;
}

int64_t ls_dashboard_payer_ops(const struct ls_dashboard *facts)
{
    int64_t done = 0;
    if (ls_dashboard_payer_minutes(facts) < 0) return -1;
    for (int i = LS_FACTS_MINUTES - 1;
         i >= 0 && i >= LS_FACTS_MINUTES - 1 - facts->spent_minutes; i--)
        done += facts->minute_done[i];
    if (done == 0) return -1;
    uint64_t each = facts->spent_lamports / (uint64_t)done;
    if (each == 0) each = 1;
    uint64_t ops = facts->balance_lamports / each;
    return ops > INT64_MAX ? INT64_MAX : (int64_t)ops;
}

/* Two digits and no more: it is an estimate. */
static int64_t round_down(int64_t value)
{
    int64_t step = 1;
    while (value / step >= 100) step *= 10;
    return value / step * step;
}

void ls_dashboard_forecast(const struct ls_dashboard *facts, char out[LS_FORECAST_BYTES])
{
    enum { MILLION = 1000000, LONG_MINUTES = 2 * 365 * 1440 };
    static const struct {
        int64_t minutes;
        const char *unit;
    } units[] = {{1440, "day"}, {60, "hour"}, {1, "minute"}};
    const int64_t minutes = ls_dashboard_payer_minutes(facts);
    const int64_t left_ops = ls_dashboard_payer_ops(facts);
    char ops[64] = "";
    char number[LS_NUMBER_BYTES];
    size_t unit = 0;
    out[0] = '\0';
    if (minutes < 0) return;
    while (unit < 2 && minutes < 2 * units[unit].minutes) unit++;
    const bool is_many = left_ops >= MILLION;
    ls_number_grouped(round_down(left_ops) / (is_many ? MILLION : 1), number);
    if (left_ops >= 0)
        (void)snprintf(ops, sizeof ops, "%s%s operation%s, ", number, is_many ? " million" : "",
                       left_ops == 1 ? "" : "s");
    if (minutes >= LONG_MINUTES) {
        (void)snprintf(out, LS_FORECAST_BYTES, "lasts for years");
        return;
    }
    const int64_t left = round_down(minutes / units[unit].minutes);
    ls_number_grouped(left, number);
    (void)snprintf(out, LS_FORECAST_BYTES, "lasts about %s%s %s%s", ops, number,
                   units[unit].unit, left == 1 ? "" : "s");
}

size_t ls_dashboard_living(const struct ls_dashboard *facts, bool *are_idle_out)
{
    size_t living = 0;
    size_t working = 0;
    for (size_t i = 0; i < facts->worker_count; i++) {
        const struct ls_worker_row *worker = &facts->workers[i];
        if (!worker->is_alive) continue;
        living++;
        if (!worker->is_paused && !worker->is_draining) working++;
    }
    *are_idle_out = living > 0 && working == 0;
    return living;
}

const char *ls_worker_word(const struct ls_worker_row *worker)
{
    if (!worker->is_alive) return "silent";
    if (worker->is_draining) return "draining";
    if (worker->is_paused) return "paused";
    if (worker->is_catching_up) return "catching up";
    return worker->trouble[0] != '\0' ? "in trouble" : "working";
}

void ls_worker_words(const struct ls_worker_row *worker, char out[LS_WORKER_WORDS_BYTES])
{
    const char *word = ls_worker_word(worker);
    const char *doing = worker->doing;
    out[0] = '\0';
    if (!worker->is_alive) return;
    const size_t length = strlen(word);
    if (strncmp(doing, word, length) == 0 && doing[length] == ':') {
        doing += length + 1 + (doing[length + 1] == ' ');
    } else if (strcmp(doing, word) == 0 || strcmp(doing, "working") == 0) {
        doing = "";
    }
    (void)snprintf(out, LS_WORKER_WORDS_BYTES, "%s%s%s", doing,
                   doing[0] != '\0' && worker->trouble[0] != '\0' ? "; " : "", worker->trouble);
}

const struct ls_worker_row *ls_dashboard_catching_up(const struct ls_dashboard *facts)
{
    const struct ls_worker_row *found = NULL;
    for (size_t i = 0; i < facts->worker_count; i++) {
        const struct ls_worker_row *worker = &facts->workers[i];
        if (!worker->is_alive || worker->is_paused || worker->is_draining) continue;
        if (!worker->is_catching_up) return NULL;
        if (found == NULL || worker->is_leader) found = worker;
    }
    return found;
}

const char *ls_kind_waiting_name(const struct ls_kind_waiting *waiting)
{
    if (waiting->kind != LS_KIND_NONE) return ls_kind_name(waiting->kind);
    return "an atomic batch of kinds that no worker has together";
}

/* "12", "10,000 or more" */
static void count_text(int64_t count, char out[32])
{
    if (count >= LS_FACTS_UNATTENDED_MAX) {
        (void)snprintf(out, 32, "10,000 or more");
    } else if (count >= 1000) {
        (void)snprintf(out, 32, "%" PRId64 ",%03" PRId64, count / 1000, count % 1000);
    } else {
        (void)snprintf(out, 32, "%" PRId64, count);
    }
}

void ls_dashboard_unattended(const struct ls_dashboard *facts, char out[LS_UNATTENDED_BYTES])
{
    enum { NAMED_MAX = 3 };
    const struct ls_kind_waiting *rows[LS_KIND_MAX + 1];
    bool are_idle = false;
    size_t count = 0;
    out[0] = '\0';
    if (ls_dashboard_living(facts, &are_idle) == 0) return; /* nobody works at all */
    for (size_t i = 0; i < facts->waiting_count; i++)
        if (!facts->waiting[i].is_attended) rows[count++] = &facts->waiting[i];
    if (count == 0) return;
    size_t length = (size_t)snprintf(out, LS_UNATTENDED_BYTES, "nobody works on ");
    for (size_t i = 0; i < count && i < NAMED_MAX && length < LS_UNATTENDED_BYTES; i++) {
        char number[32];
        count_text(rows[i]->waiting, number);
        length += (size_t)snprintf(out + length, LS_UNATTENDED_BYTES - length,
                                   count == 1 ? "%s%s: %s waiting" : "%s%s (%s waiting)",
                                   i == 0 ? "" : ", ", ls_kind_waiting_name(rows[i]), number);
    }
    if (count > NAMED_MAX && length < LS_UNATTENDED_BYTES)
        (void)snprintf(out + length, LS_UNATTENDED_BYTES - length, " and %zu more",
                       count - NAMED_MAX);
}

void ls_disk_words(const struct ls_disk_row *disk, char out[LS_DISK_WORDS_BYTES])
{
    static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
    enum { LAST = sizeof units / sizeof units[0] - 1 };
    if (disk->silent_since_ms != 0) {
        (void)snprintf(out, LS_DISK_WORDS_BYTES, "does not answer");
        return;
    }
    uint64_t tenths = disk->free_bytes / 100;
    size_t unit = 0;
    for (; tenths >= 10000 && unit < LAST; unit++) tenths /= 1000;
    (void)snprintf(out, LS_DISK_WORDS_BYTES, "%" PRId32 "%%, ", disk->used_permille / 10);
    const size_t used = strlen(out);
    if (tenths < 100) {
        (void)snprintf(out + used, LS_DISK_WORDS_BYTES - used,
                       "%" PRIu64 ".%" PRIu64 " %s free", tenths / 10, tenths % 10,
                       units[unit]);
    } else {
        (void)snprintf(out + used, LS_DISK_WORDS_BYTES - used, "%" PRIu64 " %s free",
                       tenths / 10, units[unit]);
    }
}

bool ls_disk_is_full(const struct ls_disk_row *disk)
{
    enum { FULL_PERMILLE = 900 };
    return disk->used_permille >= FULL_PERMILLE;
}

bool ls_disk_is_good(const struct ls_disk_row *disk)
{
    return disk->silent_since_ms == 0 && !ls_disk_is_full(disk);
}

bool ls_disk_is_critical(const struct ls_disk_row *disk)
{
    enum { CRITICAL_PERMILLE = 950 };
    return disk->used_permille >= CRITICAL_PERMILLE;
}
