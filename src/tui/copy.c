#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ui_model.h"

enum { COPYABLES_MAX = 12 };

const struct ls_op_row *ui_current_row(const struct ls_ui *ui)
{
    if (ui->screen == SCREEN_DETAIL) return ui->has_detail ? &ui->detail.row : NULL;
    if (!screen_is_list(ui->screen)) return NULL;
    return list_row(ui_list_const(ui));
}

/* How the explorer calls a cluster in its links; "" for the main one. */
static const char *cluster_query(const char *cluster)
{
    if (cluster[0] == '\0' || strcmp(cluster, "mainnet-beta") == 0) return "";
    if (strcmp(cluster, "devnet") == 0) return "?cluster=devnet";
    if (strcmp(cluster, "testnet") == 0) return "?cluster=testnet";
    return "?cluster=custom";
}

void explorer_link(const struct ls_ui *ui, const char *signature, char *out, size_t out_bytes)
{
    (void)snprintf(out, out_bytes, "https://explorer.solana.com/tx/%s%s", signature,
                   cluster_query(ui->options.cluster));
}

/* Of what is longer than `cells` both ends: what was copied is seen, not read. */
static void shorten(const char *text, size_t cells, char *out, size_t out_bytes)
{
    const size_t length = strlen(text);
    if (ls_gate_width(text, length) <= cells) {
        (void)snprintf(out, out_bytes, "%s", text);
        return;
    }
    const size_t end_cells = cells / 3;
    size_t from = length; /* whole characters alone */
    while (from > 0 && (ls_gate_width(text + from, length - from) < end_cells ||
                        ((unsigned char)text[from] & 0xc0) == 0x80))
        from--;
    const size_t head = wrap_bytes(text, length, (int32_t)(cells - end_cells) - 2);
    (void)snprintf(out, out_bytes, "%.*s..%s", (int)head, text, text + from);
}

static void copy_text(struct ls_ui *ui, const char *what, const char *text)
{
    if (text == NULL || text[0] == '\0') {
        ui_toast(ui, true, "there is no %s to copy here", what);
        return;
    }
    struct ls_ui_request *request = ui_request(ui, LS_UI_WANT_COPY);
    if (request == NULL) return;
    char gated[sizeof request->text];
    (void)ls_gate_text(text, strlen(text), gated, sizeof gated);
    (void)snprintf(request->text, sizeof request->text, "%s", gated);
    char shown[LS_WHY_BYTES];
    const int32_t room = ui->columns - (int32_t)strlen(what) - 15;
    shorten(request->text, room > 20 ? (size_t)room : 20, shown, sizeof shown);
    ui_toast(ui, false, "%s copied: %s", what, shown);
}

void copy_link(struct ls_ui *ui)
{
    const struct ls_op_row *row = ui_current_row(ui);
    if (row == NULL || row->signature[0] == '\0') {
        copy_text(ui, "signature", NULL);
        return;
    }
    char link[LS_SIGNATURE_TEXT_BYTES + 96];
    explorer_link(ui, row->signature, link, sizeof link);
    copy_text(ui, "link", link);
}

/* Something that a letter copies. */
struct copyable {
    char letter;
    const char *what;
    char text[512];
};
struct copyables {
    size_t count;
    struct copyable items[COPYABLES_MAX];
};

static void add(struct copyables *to, char letter, const char *what, const char *text)
{
    if (to->count == COPYABLES_MAX) return;
    struct copyable *item = &to->items[to->count++];
    item->letter = letter;
    item->what = what;
    (void)snprintf(item->text, sizeof item->text, "%.511s", text);
}

static void add_number(struct copyables *to, char letter, const char *what, int64_t number)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%" PRId64, number);
    add(to, letter, what, text);
}

/* Append a member of a JSON object whole, or not at all. */
static void add_member(char *json, size_t json_bytes, const char *name, const char *text)
{
    static const char digits[] = "0123456789abcdef";
    const size_t before = strlen(json);
    int used = snprintf(json + before, json_bytes - before, "%s\"%s\":\"",
                        before > 1 ? "," : "", name);
    size_t at = before + (used < 0 ? 0 : (size_t)used);
    for (; *text != '\0' && at + 8 < json_bytes; text++) {
        const unsigned char byte = (unsigned char)*text;
        if (byte == '"' || byte == '\\') json[at++] = '\\';
        if (byte >= ' ') {
            json[at++] = *text;
            continue;
        }
        memcpy(json + at, "\\u00", 4);
        json[at + 4] = digits[byte >> 4];
        json[at + 5] = digits[byte & 15];
        at += 6;
    }
    if (*text != '\0' || at + 3 > json_bytes) { /* it does not fit */
        json[before] = '\0';
        return;
    }
    json[at++] = '"';
    json[at] = '\0';
}

/* What went wrong with an operation, for a ticket or a script. */
static void
error_json(const struct ls_ui *ui, const struct ls_op_row *row, char *json, size_t json_bytes)
{
    char id[32];
    const size_t room = json_bytes - 1; /* for the last brace */
    (void)snprintf(id, sizeof id, "%" PRId64, row->op.value);
    (void)snprintf(json, json_bytes, "{");
    add_member(json, room, "op", id);
    add_member(json, room, "state", ls_state_name(row->state));
    add_member(json, room, "cause", row->cause);
    add_member(json, room, "key", row->key);
    add_member(json, room, "signature", row->signature);
    if (ui->screen == SCREEN_DETAIL && ui->has_detail)
        add_member(json, room, "detail", ui->detail.detail);
    const size_t length = strlen(json);
    (void)snprintf(json + length, json_bytes - length, "}");
}

void copy_error(struct ls_ui *ui)
{
    char json[512] = "";
    const struct ls_op_row *row = ui_current_row(ui);
    if (row != NULL && row->cause[0] != '\0') error_json(ui, row, json, sizeof json);
    copy_text(ui, "error as JSON", json);
}

static void add_op(const struct ls_ui *ui, struct copyables *to, const struct ls_op_row *row)
{
    char json[512] = "";
    if (row->cause[0] != '\0') error_json(ui, row, json, sizeof json);
    char link[LS_SIGNATURE_TEXT_BYTES + 96] = "";
    if (row->signature[0] != '\0') explorer_link(ui, row->signature, link, sizeof link);
    add_number(to, 'i', "id", row->op.value);
    add(to, 'k', "key", row->key);
    add(to, 's', "signature", row->signature);
    add(to, 'e', "entity", row->entity);
    add(to, 'l', "link", link);
    add(to, 'c', "cause", row->cause);
    add(to, 'j', "JSON of the error", json);
    if (ui->screen != SCREEN_DETAIL || !ui->has_detail) return;
    add(to, 'd', "detail", ui->detail.detail);
    add(to, 'p', "payload", ui->detail.payload);
}

static void add_alert(struct copyables *to, const struct ls_alert_row *row)
{
    add_number(to, 'i', "id", row->id);
    add(to, 'r', "rule", row->rule);
    add(to, 'b', "subject", row->subject);
    add(to, 'm', "message", row->message);
    add(to, 'n', "note", row->note);
}

static void add_entry(struct copyables *to, const struct ls_audit_row *row)
{
    add_number(to, 'i', "number", row->seq);
    add(to, 'w', "who", row->actor);
    add(to, 't', "target", row->target);
    add(to, 'r', "reason", row->reason);
    add(to, 'h', "hash", row->hash);
}

static void add_health(const struct ls_ui *ui, struct copyables *to)
{
    const size_t at = (size_t)ui->health.at;
    const size_t workers = ui->dashboard.worker_count;
    if (at < workers) {
        add_number(to, 'i', "id", ui->dashboard.workers[at].id);
        add(to, 'h', "host", ui->dashboard.workers[at].host);
    } else if (at - workers < ui->dashboard.gate_count) {
        add(to, 'g', "gate", ui->dashboard.gates[at - workers].selector);
        add(to, 'r', "reason", ui->dashboard.gates[at - workers].reason);
    }
}

static void add_batch(struct copyables *to, const struct ls_batch_row *row)
{
    add_number(to, 'i', "id", row->id);
    add(to, 'n', "name", row->name);
    add(to, 'w', "who opened it", row->opened_by);
    add(to, 'd', "detail", row->detail);
}

static void add_job(struct copyables *to, const struct ls_bulk_row *row)
{
    add_number(to, 'i', "id", row->id);
    add(to, 'f', "filter", row->filter);
    add(to, 'w', "who made it", row->actor);
    add(to, 'r', "reason", row->reason);
    add(to, 'y', "why it stands", row->why);
}

/* A job's target, where they have the screen; else the job. */
static void add_bulk(const struct ls_ui *ui, struct copyables *to)
{
    const struct bulks *bulks = &ui->bulks;
    const struct ls_bulk_row *row = bulks_row(ui);
    if (!bulks->is_open) {
        if (row != NULL) add_job(to, row);
    } else if (bulks->has_targets && (size_t)bulks->target.at < bulks->targets.count) {
        const struct ls_bulk_target_row *target = &bulks->targets.rows[bulks->target.at];
        add_number(to, 'i', "id", target->op.value);
        add(to, 'k', "key", target->key);
        add(to, 'y', "why", target->why);
    }
}

/* What the cursor is on, screen by screen; the payer everywhere. */
static void gather(const struct ls_ui *ui, struct copyables *to)
{
    const struct ls_op_row *row = ui_current_row(ui);
    to->count = 0;
    if (row != NULL) add_op(ui, to, row);
    if (ui->screen == SCREEN_ALERTS && ui->has_alerts &&
        (size_t)ui->alert.at < ui->alerts.count)
        add_alert(to, &ui->alerts.rows[ui->alert.at]);
    if (ui->screen == SCREEN_AUDIT && ui->has_audit && (size_t)ui->entry.at < ui->audit.count)
        add_entry(to, &ui->audit.rows[ui->entry.at]);
    if (ui->screen == SCREEN_HEALTH) add_health(ui, to);
    if (ui->screen == SCREEN_BATCHES && batches_row(ui) != NULL) add_batch(to, batches_row(ui));
    if (ui->screen == SCREEN_BULK) add_bulk(ui, to);
    const char *signer = "";
    if (ui->screen == SCREEN_DASH && (size_t)ui->causes.at < ui->dashboard.cause_count) {
        add(to, 'c', "cause", ui->dashboard.causes[ui->causes.at].cause);
        signer = ui->dashboard.causes[ui->causes.at].signer;
    }
    if (signer[0] != '\0') add(to, 'a', "account that pays for them", signer);
    if (signer[0] == '\0') add(to, 'a', "account (the payer's)", ui->dashboard.payer);
}

void copy_begin(struct ls_ui *ui)
{
    struct copyables all;
    char line[LS_WHY_BYTES] = "copy:";
    gather(ui, &all);
    for (size_t i = 0; i < all.count; i++) {
        const size_t length = strlen(line);
        if (all.items[i].text[0] == '\0') continue;
        (void)snprintf(line + length, sizeof line - length, "  %c %.*s", all.items[i].letter,
                       (int)strcspn(all.items[i].what, " "), all.items[i].what);
    }
    ui->copies = line[strlen("copy:")] != '\0';
    ui_toast(ui, !ui->copies, "%s", ui->copies ? line : "there is nothing to copy here yet");
}

void copy_take(struct ls_ui *ui, struct ls_key key)
{
    struct copyables all;
    gather(ui, &all);
    ui->copies = false;
    const uint32_t letter = key.code == LS_KEY_CHAR && !key.has_ctrl ? key.scalar : 0;
    for (size_t i = 0; i < all.count; i++) {
        if ((uint32_t)all.items[i].letter != letter) continue;
        copy_text(ui, all.items[i].what, all.items[i].text);
        return;
    }
    char name[LS_KEY_NAME_BYTES];
    ls_key_name(key, name);
    if (key.code == LS_KEY_ESC) {
        ui_toast(ui, false, "nothing copied");
    } else {
        ui_toast(ui, true, "%s is none of these letters: nothing copied", name);
    }
}
