#include "doctor.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "lockstep/core/alert_rules.h"
#include "lockstep/store/session.h"

static void check_rights(struct doctor *doctor,
                         const char *check,
                         const struct ls_session_rights *rights,
                         bool must_work)
{
    doctor_say(doctor, FINDING_OK, LS_EXIT_DONE, check, "connected as %s, may%s%s%s%s%s",
               rights->role, rights->may_view ? " view" : "",
               rights->may_operate ? " operate" : "",
               rights->may_administer ? " administer" : "", rights->may_work ? " work" : "",
               rights->may_enqueue ? " enqueue" : "");
    if (!rights->is_primary) {
        doctor_say(
            doctor, FINDING_BAD, LS_EXIT_REFUSED, check,
            "this server is a standby; name the primary (target_session_attrs=read-write)");
    }
    if (must_work && !rights->may_work) {
        doctor_say(doctor, FINDING_WARN, LS_EXIT_REFUSED, check,
                   "%s may not work as a worker; run: GRANT lockstep_worker TO %s",
                   rights->role, rights->role);
    }
    if (!must_work && !rights->may_view) {
        doctor_say(doctor, FINDING_BAD, LS_EXIT_REFUSED, check,
                   "%s may not look at anything; run: GRANT lockstep_viewer TO %s",
                   rights->role, rights->role);
    }
}

static void check_schema(struct doctor *doctor, ls_session *session)
{
    uint8_t tag_key[32];
    struct ls_why why = {0};
    /* Connecting has checked the version already; the pinned ledger is for those who may
     * read it. */
    doctor_say(doctor, FINDING_OK, LS_EXIT_DONE, "schema", "version %d, as this program needs",
               (int)ls_schema_version());
    if (!ls_failed(ls_session_tag_key(session, tag_key, &doctor->genesis, &why))) {
        static const struct ls_hash none;
        doctor->has_genesis = memcmp(&none, &doctor->genesis, sizeof none) != 0;
    }
    sodium_memzero(tag_key, sizeof tag_key);
}

/* Where a kind takes fence nonce, an empty pool keeps all its operations waiting. */
static void
check_pool(struct doctor *doctor, const struct ls_config *config, ls_session *session)
{
    struct ls_nonce_row *rows = NULL;
    struct ls_why why = {0};
    size_t count = 0;
    size_t free_count = 0;
    size_t broken_count = 0;
    bool is_wanted = false;
    for (int kind = 1; kind <= LS_KIND_MAX; kind++)
        is_wanted = is_wanted || config->kinds[kind].fence == LS_FENCE_NONCE;
    if (ls_failed(ls_session_nonces(session, &rows, &count, &why))) {
        doctor_say(doctor, FINDING_BAD, LS_EXIT_REFUSED, "nonce pool", "%s", why.text);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (rows[i].state == LS_NONCE_IDLE) free_count++;
        if (rows[i].state == LS_NONCE_BAD) broken_count++;
    }
    free(rows);
    if (count == 0 && !is_wanted) return;
    if (count == 0 || broken_count == count) {
        doctor_say(doctor, FINDING_WARN, LS_EXIT_REFUSED, "nonce pool",
                   "has no account to use: operations of fence nonce wait; run: lockstep nonce "
                   "create N --reason TEXT");
    } else {
        doctor_say(doctor, FINDING_OK, LS_EXIT_DONE, "nonce pool", "%zu accounts, %zu free",
                   count, free_count);
    }
    if (broken_count > 0) {
        doctor_say(doctor, FINDING_WARN, LS_EXIT_REFUSED, "nonce pool",
                   "%zu accounts are broken; run: lockstep nonce advance ADDRESS --reason TEXT",
                   broken_count);
    }
}

/* Whether the payer's balance is near its end, by itself or at its pace. */
static void judge_payer(struct doctor *doctor,
                        const struct ls_config *config,
                        const struct ls_dashboard *facts)
{
    struct ls_alerts_due due;
    char forecast[LS_FORECAST_BYTES];
    if (!facts->has_balance) return; /* no worker has told it yet */
    ls_dashboard_forecast(facts, forecast);
    ls_alert_rules_evaluate(&config->rules, facts, &due);
    for (size_t i = 0; i < due.count; i++) {
        const struct ls_alert_due *item = &due.items[i];
        if (item->rule != LS_RULE_BALANCE && item->rule != LS_RULE_FORECAST) continue;
        doctor_say(doctor, item->severity == LS_SEVERITY_CRITICAL ? FINDING_BAD : FINDING_WARN,
                   LS_EXIT_FAILED, "payer", "%s", item->message);
        return;
    }
    doctor_say(doctor, FINDING_OK, LS_EXIT_DONE, "payer", "%s has %llu.%09llu SOL%s%s",
               facts->payer, (unsigned long long)(facts->balance_lamports / 1000000000),
               (unsigned long long)(facts->balance_lamports % 1000000000),
               forecast[0] == '\0' ? "" : ", ", forecast);
}

/* Whether everything that is due has a worker that may begin it. */
static void judge_kinds(struct doctor *doctor, const struct ls_dashboard *facts)
{
    char text[LS_UNATTENDED_BYTES];
    bool are_idle = false;
    if (ls_dashboard_living(facts, &are_idle) == 0) return; /* nobody works at all */
    ls_dashboard_unattended(facts, text);
    if (are_idle && text[0] != '\0') {
        doctor_say(doctor, FINDING_WARN, LS_EXIT_REFUSED, "workers",
                   "all are paused or drain; run: lockstep worker resume ID --reason TEXT");
    } else if (text[0] != '\0') {
        doctor_say(doctor, FINDING_WARN, LS_EXIT_REFUSED, "workers",
                   "%s; run: lockstep worker kinds ID LIST --reason TEXT", text);
    } else {
        doctor_say(doctor, FINDING_OK, LS_EXIT_DONE, "workers",
                   "whatever is due has one that may begin it");
    }
}

static void
check_payer(struct doctor *doctor, const struct ls_config *config, ls_session *session)
{
    struct ls_why why = {0};
    struct ls_dashboard *facts = calloc(1, sizeof *facts);
    if (facts == NULL) {
        doctor_say(doctor, FINDING_BAD, LS_EXIT_FAILED, "payer", "memory is exhausted");
    } else if (ls_failed(ls_session_dashboard(session, facts, &why))) {
        doctor_say(doctor, FINDING_BAD, LS_EXIT_FAILED, "payer", "%s", why.text);
    } else {
        judge_payer(doctor, config, facts);
        judge_kinds(doctor, facts);
    }
    free(facts);
}

static void check_login(struct doctor *doctor,
                        const char *check,
                        const char *url,
                        const struct ls_config *config,
                        bool must_work)
{
    const struct ls_session_options options = {
        .url = url,
        .application = "lockstep doctor",
        .connect_timeout_s = 5,
        .statement_timeout_ms = 5000,
    };
    struct ls_session_rights rights = {0};
    struct ls_why why = {0};
    ls_session *session = ls_session_new(&options);
    if (session == NULL) {
        doctor_say(doctor, FINDING_BAD, LS_EXIT_FAILED, check, "memory is exhausted");
        return;
    }
    ls_err err = ls_session_connect(session, &why);
    if (!ls_failed(err)) err = ls_session_rights(session, &rights, &why);
    if (ls_failed(err)) {
        doctor_say(doctor, FINDING_BAD,
                   err.code == LS_CODE_UNAVAILABLE ? LS_EXIT_NO_DATABASE : LS_EXIT_REFUSED,
                   check, "%s",
                   why.text[0] == '\0' ? "cannot connect; check [database] url" : why.text);
    } else {
        check_rights(doctor, check, &rights, must_work);
        if (!must_work) check_schema(doctor, session);
        if (!must_work) check_pool(doctor, config, session);
        if (!must_work && rights.may_view) check_payer(doctor, config, session);
    }
    ls_session_free(session);
}

void doctor_database(struct doctor *doctor, const struct ls_config *config)
{
    check_login(doctor, "database", config->database_url, config, false);
    if (config->signer_count > 0) {
        check_login(doctor, "worker login", ls_config_worker_url(config), config, true);
    }
}
