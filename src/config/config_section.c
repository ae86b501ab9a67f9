/* The headings of the configuration: [word] and [word "name"]. */
#include "config_key.h"

#include <string.h>

#include "lockstep/base/nearest.h"
#include "lockstep/core/kinds.h"

#define WHAT "configuration"

/* Cut `kind "name"` apart; false when it is neither that nor a word alone. */
static bool split_section(const char *text, struct config_section *section)
{
    const size_t kind_bytes = strcspn(text, " \t\"");
    if (kind_bytes == 0 || kind_bytes >= sizeof section->kind) return false;
    memcpy(section->kind, text, kind_bytes);
    section->kind[kind_bytes] = '\0';

    const char *rest = text + kind_bytes + strspn(text + kind_bytes, " \t");
    if (rest[0] == '\0') return rest == text + kind_bytes;
    if (rest[0] != '"') return false;
    const size_t name_bytes = strcspn(rest + 1, "\"");
    if (name_bytes == 0 || name_bytes >= sizeof section->name) return false;
    if (strcmp(rest + 1 + name_bytes, "\"") != 0) return false;
    memcpy(section->name, rest + 1, name_bytes);
    section->name[name_bytes] = '\0';
    section->has_name = true;
    return true;
}

static ls_err open_signer(struct ls_config *config, const char *name, struct ls_why *why)
{
    for (size_t i = 0; i < config->signer_count; i++) {
        if (strcmp(config->signers[i].name, name) != 0) continue;
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "[signer \"%s\"] stands twice; give each key a name of its own", name);
    }
    if (config->signer_count == LS_SIGNERS_MAX) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT, "more than %d signers; keep at most %d",
                         LS_SIGNERS_MAX, LS_SIGNERS_MAX);
    }
    struct ls_config_signer *signer = &config->signers[config->signer_count++];
    memcpy(signer->name, name, strlen(name) + 1);
    return LS_OK;
}

static ls_err open_alert(const char *name, struct ls_why *why)
{
    enum ls_alert_rule rule = LS_RULE_AGE;
    struct ls_nearest nearest;
    if (ls_alert_rule_parse(name, &rule)) return LS_OK;
    ls_nearest_init(&nearest, name);
    for (int i = 0; i < LS_RULE_COUNT; i++) {
        ls_nearest_offer(&nearest, ls_alert_rule_name((enum ls_alert_rule)i));
    }
    return ls_refuse(
        why, LS_CODE_INVALID, WHAT, "unknown rule [alert \"%s\"]%s%s%s", name,
        nearest.best == NULL ? "; known are age, lag, depth, stuck, failed, held, "
                               "endpoint, worker, balance, gate, forecast and kinds"
                             : "; did you mean \"",
        nearest.best == NULL ? "" : nearest.best, nearest.best == NULL ? "" : "\"?");
}

ls_err config_section_open(struct ls_config *config,
                           const char *text,
                           struct config_section *section_out,
                           struct ls_why *why)
{
    struct config_section section = {0};
    if (!split_section(text, &section)) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "[%s] is no section; write [word] or [word \"name\"]", text);
    }
    LS_TRY(config_section_known(section.kind, why));
    if (section.has_name && !config_section_may_have_name(section.kind)) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT, "[%s] takes no name; write [%s]", text,
                         section.kind);
    }
    if (!section.has_name && config_section_needs_name(section.kind)) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT, "[%s] needs a name; write [%s \"%s\"]",
                         section.kind, section.kind,
                         strcmp(section.kind, "kind") == 0 ? "memo" : "payer");
    }
    enum ls_kind kind = LS_KIND_NONE;
    if (strcmp(section.kind, "kind") == 0) LS_TRY(ls_kinds_one(section.name, WHAT, &kind, why));
    if (strcmp(section.kind, "signer") == 0) LS_TRY(open_signer(config, section.name, why));
    if (section.has_name && strcmp(section.kind, "alert") == 0) {
        LS_TRY(open_alert(section.name, why));
    }
    *section_out = section;
    return LS_OK;
}
