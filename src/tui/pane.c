#include "pane.h"

#include <stdio.h>
#include <string.h>

#include "line.h"

enum { PANE_CELLS_AROUND = 4 }; /* borders and margins */

bool pane_is_open(const struct ls_ui *ui)
{
    return ui->pane.phase != PANE_CLOSED;
}

static bool start(struct ls_ui *ui, const char *line, bool acts, bool is_trial)
{
    struct pane *pane = &ui->pane;
    struct ls_ui_request *request = ui_request(ui, LS_UI_WANT_RUN);
    if (request == NULL) return line_refuse(ui, "too much at once: try again");
    (void)snprintf(request->text, sizeof request->text, "%s", line);
    request->is_trial = is_trial;
    request->acts = acts;
    pane->phase = PANE_RUNS;
    pane->acts = acts && !is_trial;
    pane->is_trial = is_trial;
    pane->is_cut = false;
    (void)snprintf(pane->line, sizeof pane->line, "%s", line);
    pane->ticket = request->ticket;
    pane->top = 0;
    pane->length = 0;
    pane->text[0] = '\0';
    pane->line_count = 0;
    pane->whole_bytes = pane->whole_lines = 0;
    return true;
}

static bool has_option(const char *line, const char *option)
{
    const size_t length = strlen(option);
    for (const char *at = strstr(line, option); at != NULL; at = strstr(at + 1, option)) {
        const char end = at[length];
        if (at > line && at[-1] == ' ' && (end == '\0' || end == ' ' || end == '='))
            return true;
    }
    return false;
}

bool pane_run(struct ls_ui *ui, const char *line)
{
    const struct ls_ui_cli *cli = line_cli(ui, line);
    struct ls_why why = {0};
    if (ui->pane.phase == PANE_RUNS)
        return line_refuse(ui, "%.60s still runs: wait for it", ui->pane.line);
    if (cli == NULL) return line_refuse(ui, "the shell's commands cannot be run here");
    if (cli->kind == LS_UI_CLI_REFUSED) return line_refuse(ui, "%s: %s", cli->words, cli->why);
    if (has_option(line, "--watch"))
        return line_refuse(ui, "--watch never ends: use a shell, or the dashboard");
    const bool repairs = has_option(line, "--repair");
    const bool changes = (cli->kind == LS_UI_CLI_ACTS || repairs) &&
                         !has_option(line, "--dry-run") && !has_option(line, "--help");
    if (!changes) return start(ui, line, false, false);
    if (!ui_may_act(ui, &why)) return line_refuse(ui, "%s", why.text);
    if (cli->has_dry_run) return start(ui, line, true, true);
    act_line(ui, line, cli, 0);
    return true;
}

void pane_confirmed(struct ls_ui *ui, const char *reason)
{
    char line[PANE_LINE_BYTES];
    (void)snprintf(line, sizeof line, "%s", ui->dialog.line);
    if (!start(ui, line, true, false)) return;
    struct ls_ui_request *request = &ui->out->items[ui->out->count - 1];
    (void)snprintf(request->action.reason, sizeof request->action.reason, "%.500s", reason);
    request->expected = (int64_t)ui->dialog.expected;
}

static void add_byte(struct pane *pane, char byte)
{
    if (pane->length + 1 >= PANE_BYTES_MAX) {
        pane->is_cut = true;
        return;
    }
    pane->text[pane->length++] = byte;
    pane->text[pane->length] = '\0';
}

int32_t pane_indent(const char *text, size_t bytes, int32_t cells)
{
    enum { INDENT_LEAST = 2 };
    int32_t indent = INDENT_LEAST;
    for (size_t i = 2; i < bytes; i++) {
        if (text[i] == ' ' || text[i - 1] != ' ' || text[i - 2] != ' ') continue;
        const int32_t column = (int32_t)ls_gate_width(text, i);
        if (column > cells / 2) break;
        indent = column;
    }
    return indent;
}

/* One line of the output as as many as it needs; false when there are too many. */
static bool wrap_line(struct pane *pane, size_t from, size_t bytes, int32_t cells)
{
    const int32_t indent = pane_indent(pane->text + from, bytes, cells);
    size_t used = 0;
    do {
        if (pane->line_count == PANE_LINES_MAX) return false;
        pane->lines[pane->line_count++] = (uint32_t)(from + used);
        const int32_t room = used == 0 ? cells : cells - indent;
        if (used < bytes) used += wrap_bytes(pane->text + from + used, bytes - used, room);
        while (used < bytes && pane->text[from + used] == ' ') used++;
    } while (used < bytes);
    return true;
}

/* Go on where the last whole line ended. */
static void wrap(struct pane *pane, int32_t cells)
{
    size_t at = pane->whole_bytes;
    pane->line_count = pane->whole_lines;
    while (at < pane->length) {
        const char *end = memchr(pane->text + at, '\n', pane->length - at);
        const size_t bytes =
            end == NULL ? pane->length - at : (size_t)(end - (pane->text + at));
        if (!wrap_line(pane, at, bytes, cells > 8 ? cells : 8)) {
            pane->is_cut = true;
            return;
        }
        if (end == NULL) return;
        at += bytes + 1;
        pane->whole_bytes = at;
        pane->whole_lines = pane->line_count;
    }
}

void pane_resize(struct ls_ui *ui)
{
    struct pane *pane = &ui->pane;
    if (pane->line_count == 0) return;
    const uint32_t first = pane->lines[pane->top];
    pane->whole_bytes = pane->whole_lines = 0;
    wrap(pane, ui->columns - PANE_CELLS_AROUND);
    pane->top = 0; /* what was first stays in sight */
    while (pane->top + 1 < (int64_t)pane->line_count && pane->lines[pane->top + 1] <= first)
        pane->top++;
}

/* How many operations a --dry-run says it would act on; 0 when it does not say. */
static int64_t counted(const struct pane *pane)
{
    static const char said[] = "; nothing was changed";
    const char *end = strstr(pane->text, said);
    int64_t count = 0;
    if (end == NULL) return 0;
    const char *at = end;
    while (at > pane->text && at[-1] != '\n') at--;
    for (; *at >= '0' && *at <= '9' && count < 100000000; at++)
        count = count * 10 + (*at - '0');
    return count;
}

static void end_trial(struct ls_ui *ui)
{
    struct pane *pane = &ui->pane;
    const int64_t count = counted(pane);
    const struct ls_ui_cli *cli = line_cli(ui, pane->line);
    struct ls_why why = {0};
    if (pane->status != 0 || cli == NULL) return; /* the pane says why */
    if (count == 0) {
        ui_toast(ui, false, "nothing would be done");
        return;
    }
    if (!ui_may_act(ui, &why)) {
        ui_toast(ui, true, "%s", why.text);
        return;
    }
    act_line(ui, pane->line, cli, (size_t)count);
}

void pane_take(struct ls_ui *ui, const struct ls_ui_message *message)
{
    struct pane *pane = &ui->pane;
    if (message->ticket != pane->ticket || pane->phase != PANE_RUNS) return;
    for (size_t i = 0; i < message->output_bytes; i++) {
        const char byte = message->output[i];
        if (byte == '\t') {
            add_byte(pane, ' ');
        } else if (byte != '\0') {
            add_byte(pane, byte);
        }
    }
    wrap(pane, ui->columns - PANE_CELLS_AROUND);
    if (!message->is_end) return;
    pane->phase = PANE_ENDED;
    pane->status = message->status;
    if (message->why != NULL && message->why[0] != '\0') ui_toast(ui, true, "%s", message->why);
    if (pane->is_trial) end_trial(ui);
    if (pane->acts) {
        pause_read(ui);
        ui_refresh_screen(ui, true);
    }
}

static void scroll(struct ls_ui *ui, int64_t by)
{
    struct pane *pane = &ui->pane;
    const int64_t last = (int64_t)pane->line_count - pane_visible(ui);
    pane->top += by;
    if (pane->top > last) pane->top = last;
    if (pane->top < 0) pane->top = 0;
}

static void leave(struct ls_ui *ui)
{
    struct pane *pane = &ui->pane;
    if (pane->phase == PANE_RUNS && pane->acts) {
        ui_toast(ui, true, "it acts: wait for its end");
        return;
    }
    if (pane->phase == PANE_RUNS) (void)ui_request(ui, LS_UI_WANT_STOP_RUN);
    pane->phase = PANE_CLOSED;
}

static void letter_key(struct ls_ui *ui, uint32_t letter)
{
    switch (letter) {
    case 'j': scroll(ui, 1); return;
    case 'k': scroll(ui, -1); return;
    case ' ': scroll(ui, pane_visible(ui) - 1); return;
    case 'g': scroll(ui, -PANE_LINES_MAX); return;
    case 'G': scroll(ui, PANE_LINES_MAX); return;
    case 'q': leave(ui); return;
    case ':':
        if (ui->pane.phase == PANE_ENDED) prompt_open(ui, PROMPT_COMMAND);
        return;
    default: ui_toast(ui, false, "arrows scroll, Esc closes, : for another command"); return;
    }
}

void pane_key(struct ls_ui *ui, struct ls_key key)
{
    const bool is_interrupt = key.code == LS_KEY_CHAR && key.has_ctrl && key.scalar == 'c';
    switch ((int)key.code) {
    case LS_KEY_ESC: leave(ui); return;
    case LS_KEY_ENTER:
    case LS_KEY_DOWN: scroll(ui, 1); return;
    case LS_KEY_UP: scroll(ui, -1); return;
    case LS_KEY_PAGE_DOWN: scroll(ui, pane_visible(ui) - 1); return;
    case LS_KEY_PAGE_UP: scroll(ui, 1 - pane_visible(ui)); return;
    case LS_KEY_HOME: scroll(ui, -PANE_LINES_MAX); return;
    case LS_KEY_END: scroll(ui, PANE_LINES_MAX); return;
    default: break;
    }
    if (is_interrupt) {
        leave(ui);
    } else if (key.code == LS_KEY_CHAR && !key.has_ctrl && !key.has_alt) {
        letter_key(ui, key.scalar);
    }
}
