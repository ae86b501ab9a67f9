#include <stdio.h>
#include <string.h>

#include "ui_model.h"

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
    ui_toast(ui, false, "%s copied: %s", what, request->text);
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

void copy_begin(struct ls_ui *ui)
{
    ui->copies = true;
    ui_toast(ui, false, "copy: i id   k key   s signature   e entity   l link   a account");
}

static void copy_row(struct ls_ui *ui, const struct ls_op_row *row, uint32_t letter)
{
    char id[32];
    switch (letter) {
    case 'i':
        (void)snprintf(id, sizeof id, "%lld", (long long)row->op.value);
        copy_text(ui, "id", id);
        break;
    case 'k': copy_text(ui, "key", row->key); break;
    case 's': copy_text(ui, "signature", row->signature); break;
    case 'e': copy_text(ui, "entity", row->entity); break;
    case 'l': copy_link(ui); break;
    default: ui_toast(ui, false, "nothing copied"); break;
    }
}

void copy_take(struct ls_ui *ui, struct ls_key key)
{
    ui->copies = false;
    const struct ls_op_row *row = ui_current_row(ui);
    uint32_t letter = key.code == LS_KEY_CHAR && !key.has_ctrl ? key.scalar : 0;
    if (letter == 'a') {
        copy_text(ui, "account (the payer's)", ui->dashboard.payer);
    } else if (row == NULL) {
        ui_toast(ui, true, "no operation is chosen here");
    } else {
        copy_row(ui, row, letter);
    }
}
