#include "lockstep/tui/verdict.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/base/err.h"
#include "lockstep/cells/format.h"

enum {
    STEP_MS = 5000,
    TOGETHER_MS = 2000,
    SOON_MS = 5000,
    LATE_MS = 10000, /* a catch-up that is longer than every worker's first second */
};

const char *ls_verdict_word(enum ls_verdict_level level)
{
    switch (level) {
    case LS_VERDICT_IN_STEP: return "IN STEP";
    case LS_VERDICT_ATTENTION: return "ATTENTION";
    case LS_VERDICT_CRITICAL: return "CRITICAL";
    }
    return "UNKNOWN";
}

/* What is true of the system, counted once. */
struct picture {
    int64_t failed, held, stuck, unknown;
    size_t workers_alive, endpoints_up;
    bool nothing_moves; /* work waits and nobody can do it */
    bool are_idle;      /* workers live, and all are paused or drain, while work waits */
    char unattended[LS_UNATTENDED_BYTES];
    bool no_ledger;
    const struct ls_worker_row *late; /* work waits, and each worker is catching up; or NULL */
    bool is_late;                     /* for so long that it is no start any more */
};

static struct picture look(const struct ls_dashboard *facts)
{
    struct picture picture = {
        .failed = facts->counts[LS_STATE_FAILED],
        .held = facts->counts[LS_STATE_HELD],
        .stuck = facts->stuck,
        .unknown = facts->held_ambiguous,
    };
    picture.workers_alive = ls_dashboard_living(facts, &picture.are_idle);
    picture.are_idle = picture.are_idle && facts->waiting_count > 0;
    ls_dashboard_unattended(facts, picture.unattended);
    for (size_t i = 0; i < facts->endpoint_count; i++) {
        if (facts->endpoints[i].is_up) picture.endpoints_up++;
    }
    if (facts->waiting_count > 0) picture.late = ls_dashboard_catching_up(facts);
    picture.is_late = picture.late != NULL && facts->now_ms - picture.late->doing_ms >= LATE_MS;
    picture.nothing_moves = picture.workers_alive == 0 && facts->depth > 0;
    picture.no_ledger = facts->endpoint_count > 0 && picture.endpoints_up == 0;
    return picture;
}

static enum ls_verdict_level level_of(const struct ls_dashboard *facts,
                                      const struct picture *is)
{
    if (facts->duplicates > 0 || is->unknown > 0 || is->nothing_moves || is->no_ledger ||
        facts->alerts_critical > 0)
        return LS_VERDICT_CRITICAL;
    if (is->failed > 0 || is->held > 0 || is->stuck > 0 || facts->gate_count > 0 ||
        facts->alerts_firing > 0 || is->are_idle || is->is_late || is->unattended[0] != '\0')
        return LS_VERDICT_ATTENTION;
    return LS_VERDICT_IN_STEP;
}

LS_PRINTF(3, 4)
static void append(char *text, size_t text_bytes, const char *format, ...)
{
    size_t length = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text + length, text_bytes - length, format, arguments); /* cut by design */
    va_end(arguments);
}

/* "17 failed, 3 held" */
static void append_part(char *text, size_t text_bytes, int64_t count, const char *what)
{
    if (count == 0) return;
    char number[LS_FORMAT_BYTES];
    ls_format_count(count, number);
    append(text, text_bytes, "%s%s %s", text[0] == '\0' ? "" : ", ", number, what);
}

/* "; no worker is alive", with ": 12 waiting" where `waiting` is not 0. */
static void append_clause(char *text, size_t text_bytes, const char *clause, int64_t waiting)
{
    append(text, text_bytes, "%s%s", text[0] == '\0' ? "" : "; ", clause);
    if (waiting == 0) return;
    char number[LS_FORMAT_BYTES];
    ls_format_count(waiting, number);
    append(text, text_bytes, ": %s waiting", number);
}

/* Nothing is wrong, and nothing is sent: who, and in `since` how far it is. */
static void append_late(const struct picture *is, char *text, size_t bytes)
{
    char clause[96];
    if (is->late == NULL) return;
    (void)snprintf(clause, sizeof clause,
                   "nothing is signed yet (worker %" PRId64 " is catching up)", is->late->id);
    append_clause(text, bytes, clause, 0);
}

/* Alerts, where nothing else says why it is as bad as it is. */
static void append_alerts(const struct ls_dashboard *facts,
                          const struct picture *is,
                          char *text,
                          size_t bytes)
{
    const bool is_explained =
        facts->duplicates > 0 || is->unknown > 0 || is->nothing_moves || is->no_ledger;
    const bool are_critical = facts->alerts_critical > 0;
    const int64_t count = are_critical ? facts->alerts_critical : facts->alerts_firing;
    char number[LS_FORMAT_BYTES];
    char clause[96];
    if (text[0] != '\0' && (is_explained || !are_critical)) return;
    ls_format_count(count, number);
    (void)snprintf(clause, sizeof clause, "%s %salert%s firing", number,
                   are_critical ? "critical " : "", count == 1 ? " is" : "s are");
    append_clause(text, bytes, clause, 0);
}

static void write_trouble(const struct ls_dashboard *facts,
                          const struct picture *is,
                          struct ls_verdict *verdict)
{
    char *text = verdict->headline;
    const size_t bytes = sizeof verdict->headline;
    append_part(text, bytes, facts->duplicates, "landed TWICE");
    append_part(text, bytes, is->failed, "failed");
    append_part(text, bytes, is->held, "held");
    append_part(text, bytes, is->stuck, "stuck");
    append_part(text, bytes, (int64_t)facts->gate_count,
                facts->gate_count == 1 ? "gate on" : "gates on");
    if (is->nothing_moves) append_clause(text, bytes, "no worker is alive", facts->depth);
    if (is->are_idle) {
        append_clause(text, bytes, "every worker is paused or draining", facts->depth);
    } else if (is->unattended[0] != '\0') {
        append_clause(text, bytes, is->unattended, 0);
    }
    append_late(is, text, bytes);
    if (is->no_ledger) append_clause(text, bytes, "no endpoint of the ledger answers", 0);
    append_alerts(facts, is, text, bytes);
    append(text, bytes, ".");
    if (text[0] >= 'a' && text[0] <= 'z') text[0] = (char)(text[0] - 'a' + 'A');
}

/* "41 min", "2 h 05 min", "3 d 4 h" */
static void append_span(char *text, size_t text_bytes, int64_t ms)
{
    const int64_t minute = 60000;
    const int64_t hour = 60 * minute;
    const int64_t day = 24 * hour;
    if (ms < minute) {
        append(text, text_bytes, "%" PRId64 " s", ms < 0 ? 0 : ms / 1000);
    } else if (ms < hour) {
        append(text, text_bytes, "%" PRId64 " min", ms / minute);
    } else if (ms < day) {
        append(text, text_bytes, "%" PRId64 " h %02" PRId64 " min", ms / hour,
               ms % hour / minute);
    } else {
        append(text, text_bytes, "%" PRId64 " d %" PRId64 " h", ms / day, ms % day / hour);
    }
}

struct first_words {
    const char *kind, *words; /* what is true then, as the end of a sentence */
};

/* Of those whose words need no name. */
static const char *words_of(const char *kind)
{
    static const struct first_words words[] = {
        {"payer", "the payer could not pay"},
        {"balance", "the payer's balance ran low"},
        {"failover", "the database failed over"},
        {"brake", "many attempts expired (the brake went on)"},
        {"catchup", "the ledger could not be read"},
        {"rollback", "a confirmed transaction vanished"},
        {"nonce", "the pool of nonces was empty"},
        {"reconcile", "the ledger had what the database did not know"},
        {"late_landing", "a transaction landed late"},
        {"altered", "a stored attempt was found altered"},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i].kind, kind) == 0) return words[i].words;
    return NULL;
}

/* What came first, as the end of a sentence: "rpc-b timed out". */
static void append_first(const struct ls_first_event *first, char *text, size_t text_bytes)
{
    const char *words = words_of(first->kind);
    const bool has_name = first->what[0] != '\0';
    if (words != NULL) {
        append(text, text_bytes, "%s", words);
    } else if (strcmp(first->kind, "endpoint") == 0) {
        bool timed_out = strstr(first->why, "timed out") != NULL;
        append(text, text_bytes, "%s %s", has_name ? first->what : "the last endpoint",
               timed_out ? "timed out" : "went down");
    } else if (strcmp(first->kind, "gate") == 0) {
        append(text, text_bytes, "%s put %s on hold", first->why, first->what);
    } else if (strcmp(first->kind, "gate.off") == 0) {
        append(text, text_bytes, "%s lifted the hold on %s", first->why, first->what);
    } else if (strcmp(first->kind, "worker") == 0) {
        append(text, text_bytes, has_name ? "worker %s was lost" : "the last worker was lost%s",
               first->what);
    } else {
        append(text, text_bytes, "the alert %s fired", first->kind);
    }
}

static void append_count_of_minutes(char *text, size_t text_bytes, int64_t minutes)
{
    static const char *const words[] = {"",     "one",    "two",   "three", "four",
                                        "five", "six",    "seven", "eight", "nine",
                                        "ten",  "eleven", "twelve"};
    if (minutes < (int64_t)(sizeof words / sizeof words[0])) {
        append(text, text_bytes, "%s minute%s", words[minutes], minutes == 1 ? "" : "s");
    } else {
        append(text, text_bytes, "%" PRId64 " minutes", minutes);
    }
}

/* Two things within two seconds have no order: clocks and heartbeats are no finer. */
static void append_before(const struct ls_first_event *first,
                          int64_t trouble_ms,
                          char *text,
                          size_t text_bytes)
{
    const int64_t before_ms = trouble_ms - first->at_ms;
    if (first->at_ms <= 0 || before_ms < 0) return;
    append(text, text_bytes, ", ");
    if (before_ms < TOGETHER_MS) {
        append(text, text_bytes, "at the same time as ");
    } else if (before_ms < SOON_MS) {
        append(text, text_bytes, "right after ");
    } else if (before_ms < 60000) {
        append_span(text, text_bytes, before_ms);
        append(text, text_bytes, " after ");
    } else {
        append_count_of_minutes(text, text_bytes, before_ms / 60000);
        append(text, text_bytes, " after ");
    }
    append_first(first, text, text_bytes);
}

static void write_since(const struct ls_dashboard *facts, struct ls_verdict *verdict)
{
    const size_t bytes = sizeof verdict->since;
    int64_t began = ls_dashboard_began_ms(facts);
    if (began == 0) return;
    if (facts->oldest_trouble_ms > 0) {
        const int64_t age_ms = facts->now_ms - facts->oldest_trouble_ms;
        append(verdict->since, bytes, "Oldest ");
        append_span(verdict->since, bytes, age_ms - age_ms % STEP_MS); /* not each second */
        append(verdict->since, bytes, ". ");
    }
    struct ls_civil at = ls_civil_of(began, 0);
    struct ls_civil today = ls_civil_of(facts->now_ms, 0);
    append(verdict->since, bytes, "Began ");
    if (at.day != today.day || at.month != today.month || at.year != today.year)
        append(verdict->since, bytes, "%04d-%02d-%02d ", at.year, at.month, at.day);
    append(verdict->since, bytes, "%02d:%02d UTC", at.hour, at.minute);
    append_before(&facts->first, began, verdict->since, bytes);
    append(verdict->since, bytes, ".");
}

static void write_calm(const struct ls_dashboard *facts,
                       const struct picture *is,
                       struct ls_verdict *verdict)
{
    char depth[LS_FORMAT_BYTES];
    ls_format_count(facts->depth, depth);
    append(verdict->headline, sizeof verdict->headline,
           "Nothing failed, held or stuck. %s waiting", depth);
    if (facts->lag_ms > 0) {
        char lag[LS_FORMAT_BYTES];
        ls_format_duration(facts->lag_ms, true, lag);
        append(verdict->headline, sizeof verdict->headline, ", lag %s", lag);
    }
    struct ls_flow flow = ls_dashboard_flow(facts);
    if (facts->depth > 0 && flow.drains_minutes >= 0) {
        append(verdict->headline, sizeof verdict->headline, ", drains in ~");
        append_span(verdict->headline, sizeof verdict->headline, flow.drains_minutes * 60000);
    }
    append_late(is, verdict->headline, sizeof verdict->headline);
    append(verdict->headline, sizeof verdict->headline, ".");
}

/* How far the worker is that all wait for; where there is trouble besides, Health says it. */
static void write_progress(const struct ls_dashboard *facts,
                           const struct picture *is,
                           struct ls_verdict *verdict)
{
    char words[LS_WORKER_WORDS_BYTES];
    if (is->late == NULL || verdict->since[0] != '\0') return;
    ls_worker_words(is->late, words);
    append(verdict->since, sizeof verdict->since, "Catching up");
    const int64_t late_ms = facts->now_ms - is->late->doing_ms;
    if (late_ms >= STEP_MS) {
        append(verdict->since, sizeof verdict->since, " for ");
        append_span(verdict->since, sizeof verdict->since, late_ms - late_ms % STEP_MS);
    }
    append(verdict->since, sizeof verdict->since, "%s%s.", words[0] == '\0' ? "" : ": ", words);
}

/* What is no trouble yet, and would be the next time. */
static void write_reserve(const struct ls_dashboard *facts,
                          const struct picture *is,
                          struct ls_verdict *verdict)
{
    if (is->endpoints_up == facts->endpoint_count) return;
    append(verdict->since, sizeof verdict->since, "%zu of %zu endpoints %s down.",
           facts->endpoint_count - is->endpoints_up, facts->endpoint_count,
           facts->endpoint_count - is->endpoints_up == 1 ? "is" : "are");
}

static void write_safety(const struct ls_dashboard *facts,
                         const struct picture *is,
                         struct ls_verdict *verdict)
{
    const size_t bytes = sizeof verdict->safety;
    char number[LS_FORMAT_BYTES];
    if (facts->duplicates == 0) {
        append(verdict->safety, bytes, "Nothing was sent twice.");
    } else {
        ls_format_count(facts->duplicates, number);
        append(verdict->safety, bytes, "%s LANDED TWICE: hold everything and look.", number);
    }
    if (is->unknown == 0) {
        append(verdict->safety, bytes, " No outcome is unknown.");
    } else {
        ls_format_count(is->unknown, number);
        append(verdict->safety, bytes, " %s %s UNKNOWN: verify before any retry.", number,
               is->unknown == 1 ? "outcome is" : "outcomes are");
    }
}

static void advise(struct ls_verdict *verdict, const char *in_console, const char *by_command)
{
    append(verdict->in_console, sizeof verdict->in_console, "%s", in_console);
    append(verdict->by_command, sizeof verdict->by_command, "%s", by_command);
}

static void write_advice(const struct ls_dashboard *facts,
                         const struct picture *is,
                         struct ls_verdict *verdict)
{
    if (facts->duplicates > 0) {
        advise(verdict, "{hold-work} holds everything; {go-alerts} says what landed twice",
               "lockstep gate on all --reason 'landed twice'");
    } else if (is->nothing_moves) {
        advise(verdict, "{go-health} shows the workers; start one: lockstep worker",
               "lockstep worker");
    } else if (is->no_ledger) {
        advise(verdict, "{go-health} shows the endpoints; nothing fails meanwhile",
               "lockstep doctor");
    } else if (is->unknown > 0) {
        advise(verdict, "{open} opens a cause; {verify-cause} verifies on chain",
               "lockstep ops sub:ambiguous");
    } else if (is->failed > 0) {
        advise(verdict, "{open} opens a cause; {retry-cause} retries", "lockstep causes");
    } else if (is->held > 0) {
        advise(verdict, "{go-stuck} lists them; {hold} releases one that is held",
               "lockstep ops state:held");
    } else if (is->stuck > 0) {
        advise(verdict, "{go-stuck} lists them and says what each waits for",
               "lockstep ops stuck");
    } else if (is->are_idle) {
        advise(verdict, "{go-health} shows the workers; {pause} resumes one",
               "lockstep worker list");
    } else if (is->late != NULL) {
        advise(verdict, "{go-health} shows how far it is; nothing to do while it moves",
               "lockstep worker list");
    } else if (is->unattended[0] != '\0') {
        advise(verdict, "{go-health} shows the workers; {kinds} says what one works on",
               "lockstep worker list");
    } else if (facts->gate_count > 0) {
        advise(verdict, "{go-health} shows the gates; {pause} lifts one", "lockstep gate list");
    } else if (facts->alerts_firing > 0) {
        advise(verdict, "{go-alerts} lists the alerts; {acknowledge} acknowledges",
               "lockstep alert list");
    } else {
        advise(verdict, "Nothing to do.", "nothing to do");
    }
}

void ls_verdict_of(const struct ls_dashboard *facts, struct ls_verdict *verdict_out)
{
    struct picture is = look(facts);
    struct ls_verdict verdict = {.level = level_of(facts, &is)};
    if (verdict.level == LS_VERDICT_IN_STEP) {
        write_calm(facts, &is, &verdict);
        write_reserve(facts, &is, &verdict);
    } else {
        write_trouble(facts, &is, &verdict);
        write_since(facts, &verdict);
    }
    write_progress(facts, &is, &verdict);
    write_safety(facts, &is, &verdict);
    write_advice(facts, &is, &verdict);
    *verdict_out = verdict;
}
