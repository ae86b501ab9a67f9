#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/core/number.h"

#include "ui_model.h"

LS_PRINTF(3, 4) static void append(char *out, size_t out_bytes, const char *format, ...)
{
    size_t length = strlen(out);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(out + length, out_bytes - length, format, arguments); /* cut by design */
    va_end(arguments);
}

/* When the ledger was looked at, as a clock. */
static void when(const struct ls_ui *ui, char out[LS_FORMAT_BYTES])
{
    int32_t offset = ui->time_mode == SHOW_LOCAL ? ui->options.zone_offset_s : 0;
    ls_format_clock(ui->check.facts.now_ms, offset, out);
}

void check_words(const struct ls_ui *ui, bool brief, char *out, size_t out_bytes)
{
    const struct check *check = &ui->check;
    const struct ls_preflight *facts = &check->facts;
    char at[LS_FORMAT_BYTES];
    struct ls_look_counts counts = {0};
    size_t silent = facts->open;
    out[0] = '\0';
    if (!ui->dialog.is_checked) return;
    if (!check->has_facts) {
        append(out, out_bytes, "%s%s",
               check->awaits_rows           ? "Reading what it is about ..."
               : check->phase == CHECK_RUNS ? "Looking at the ledger ..."
                                            : "Not checked: ",
               check->phase == CHECK_RUNS ? "" : check->why);
        return;
    }
    for (size_t i = 0; i < facts->count; i++) {
        ls_look_count(&counts, &facts->ops[i]);
        if (facts->ops[i].is_silent) silent++;
    }
    if (check->phase == CHECK_RUNS) {
        append(out, out_bytes, "Looking, %zu open", facts->open);
    } else {
        when(ui, at);
        append(out, out_bytes, "%s%s", brief ? "" : "Checked ", at);
    }
    append(out, out_bytes,
           brief ? "  %zu never landed  %zu unknown  %zu confirmed"
                 : "   %zu never landed   %zu unknown   %zu already confirmed",
           counts.never_landed, counts.unknown, counts.landed);
    if (check->phase == CHECK_RUNS) return;
    if (!facts->has_look) {
        append(out, out_bytes, ". By the database's proofs alone: %s", facts->no_look_why);
    } else if (silent > 0) {
        append(out, out_bytes,
               "; the ledger did not answer for %zu, the database's proofs stand", silent);
    }
}

void check_cost_words(const struct ls_ui *ui, bool brief, char *out, size_t out_bytes)
{
    const struct check *check = &ui->check;
    char fee[LS_FORMAT_BYTES];
    out[0] = '\0';
    if (!ui->dialog.is_checked || !check->has_facts) return;
    ls_format_sol(check->facts.fee_lamports, fee);
    const size_t sends = ui->dialog.is_atomic && ui->dialog.target_count > 0
                             ? 1 /* all its operations in one */
                             : ui->dialog.target_count;
    if (brief) {
        append(out, out_bytes, "Sends %zu, fee about %s", sends, fee);
    } else {
        append(out, out_bytes, "Sends %zu transaction%s. Fee about %s", sends,
               sends == 1 ? "" : "s", fee);
    }
    if (check->facts.signer[0] != '\0')
        append(out, out_bytes, " from %.4s..%s", check->facts.signer,
               check->facts.signer +
                   (strlen(check->facts.signer) > 4 ? strlen(check->facts.signer) - 4 : 0));
    append(out, out_bytes, "%s.", check->facts.has_signers ? " and others" : "");
}

void check_value_words(const struct ls_ui *ui, bool brief, char *out, size_t out_bytes)
{
    const struct ls_preflight *facts = &ui->check.facts;
    char digits[24];
    char amount[LS_AMOUNT_BYTES];
    out[0] = '\0';
    if (!ui->dialog.is_checked || !ui->check.has_facts || facts->asset_count == 0) return;
    if (ui->dialog.verb == LS_VERB_EDIT) return; /* it changes; the dialog shows how */
    append(out, out_bytes, "%s",
           !ui->check.for_retry ? "Value that goes back: "
           : brief              ? "Value if all land: "
                                : "Value moved if all land: ");
    for (size_t i = 0; i < facts->asset_count; i++) {
        const struct ls_preflight_asset *asset = &facts->assets[i];
        const char *name = asset->name;
        size_t length = strlen(name);
        (void)snprintf(digits, sizeof digits, "%" PRIu64, asset->total);
        ls_number_amount(digits, asset->decimals, amount);
        append(out, out_bytes, "%s%s%s ", i > 0 ? ", " : "",
               asset->is_beyond ? "more than 18,446,744,073,709,551,615" : amount,
               asset->decimals < 0 ? " base units of" : "");
        if (length > 20) {
            append(out, out_bytes, "%.4s..%s", name, name + length - 4);
        } else {
            append(out, out_bytes, "%s", name);
        }
        append(out, out_bytes, " to %" PRId64 " account%s", asset->receivers,
               asset->receivers == 1 ? "" : "s");
    }
    append(out, out_bytes, "%s", facts->has_more_assets ? ", and other assets." : ".");
}
