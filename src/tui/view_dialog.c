#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ui_model.h"

enum { DIALOG_COLUMNS_MAX = 84, LABEL_CELLS = 11, TWIN_BYTES = 3072 };

/* Lines are written downwards; each part takes its rows from the area's upper edge. */
static void advance(struct view *view, int32_t rows)
{
    view->area = rect_rows(view->area, rows, view->area.rows);
}

static void paragraph(struct view *view, enum ls_role role, const char *text, int32_t rows_max)
{
    struct view part = *view;
    part.area = rect_rows(view->area, 0, rows_max);
    part.area.column += 1;
    part.area.columns -= 2;
    advance(view, view_wrap(part, role, text));
}

static const char *field_label(enum field_kind kind)
{
    switch (kind) {
    case FIELD_OUTCOME: return "Outcome";
    case FIELD_REASON: return "Reason";
    case FIELD_CONFIRM: return "Confirm";
    case FIELD_DURATION: return "For";
    case FIELD_SELECTOR: return "What";
    case FIELD_KINDS: return "Kinds";
    case FIELD_RATE: return "Per second";
    case FIELD_CANARY: return "Canary";
    case FIELD_ABORT: return "Abort at %";
    }
    return "";
}

static void draw_field(struct view *view, const struct dialog *dialog, size_t index)
{
    const struct field *field = &dialog->fields[index];
    const struct input *input = &field->input;
    struct ls_span span = ls_rect_line(view->area, 0, 1);
    bool has_focus = dialog->focus == index;
    (void)ls_grid_text(view->grid, span, has_focus ? LS_ROLE_KEY : LS_ROLE_TEXT,
                       field->kind == FIELD_REASON && dialog->verb == LS_VERB_NOTE
                           ? "Note"
                           : field_label(field->kind));
    span.column += LABEL_CELLS;
    if (field->kind == FIELD_CONFIRM) {
        span.column =
            ls_grid_printf(view->grid, span, LS_ROLE_TEXT, "type %s: ", dialog->confirm);
        span.end = span.column + 24 < span.end ? span.column + 24 : span.end;
    }
    (void)view_input(*view, span, input, has_focus);
    if (field->kind == FIELD_REASON && input->length == 0 && dialog_offers_reason(view->ui)) {
        (void)ls_grid_printf(view->grid, ls_span_of(span.row, span.column, span.end),
                             LS_ROLE_INPUT, "Ctrl-R: %s", view->ui->last_reason);
    }
    advance(view, 1);
}

static int32_t wrapped_rows(const char *text, int32_t cells, int32_t most)
{
    size_t length = strlen(text);
    int32_t rows = 0;
    for (size_t at = 0; at < length && rows < most; rows++)
        at += wrap_skip(text + at, wrap_bytes(text + at, length - at, cells));
    return rows;
}

/* Where there is little room each part has a line, so that none is missing. */
static bool is_tight(const struct view *view)
{
    enum { ROOMY_ROWS = 8 };
    return view->area.rows < ROOMY_ROWS;
}

static void draw_targets(struct view *view, const struct dialog *dialog)
{
    char text[320];
    if (dialog->target_count == 0) return;
    const struct mark *first = &dialog->targets[0];
    const struct mark *last = &dialog->targets[dialog->target_count - 1];
    if (dialog->target_count == 1) {
        char words[48];
        state_words(first->state, first->sub, words, sizeof words);
        (void)snprintf(text, sizeof text, "op %" PRId64 "  %s  %s  %s  version %" PRId64,
                       first->op.value, ls_kind_name(first->kind), first->key, words,
                       first->version);
    } else if (is_tight(view)) {
        (void)snprintf(text, sizeof text,
                       "Frozen: %" PRId64 " to %" PRId64 "; Ctrl-D lists all %zu",
                       first->op.value, last->op.value, dialog->target_count);
    } else {
        (void)snprintf(text, sizeof text,
                       "Frozen: %" PRId64 " %s to %" PRId64 " %s; Ctrl-D lists all",
                       first->op.value, first->key, last->op.value, last->key);
    }
    paragraph(view, LS_ROLE_TITLE, text, is_tight(view) ? 1 : 2);
}

static void draw_left_out(struct view *view, const struct dialog *dialog)
{
    char text[320];
    if (dialog->left_out == 0) return;
    (void)snprintf(text, sizeof text, "Left out: %zu of those chosen, first op %" PRId64 ": %s",
                   dialog->left_out, dialog->left[0].mark.op.value, dialog->left[0].why);
    paragraph(view, LS_ROLE_SEV_WARNING, text, 2);
}

/* What database and ledger say, what it costs and what it moves. */
static void draw_check(struct view *view)
{
    char text[400];
    const bool tight = is_tight(view);
    bool holds_up = check_holds_up(view->ui);
    check_words(view->ui, tight, text, sizeof text);
    if (text[0] == '\0') return;
    paragraph(view, holds_up ? LS_ROLE_MUTED : LS_ROLE_TITLE, text, tight ? 2 : 3);
    check_cost_words(view->ui, tight, text, sizeof text);
    paragraph(view, LS_ROLE_TEXT, text, tight ? 1 : 2);
    check_value_words(view->ui, tight, text, sizeof text);
    paragraph(view, LS_ROLE_TEXT, text, 2);
}

static int32_t check_rows(const struct ls_ui *ui, int32_t cells)
{
    char text[400];
    int32_t rows = 0;
    check_words(ui, false, text, sizeof text);
    rows += wrapped_rows(text, cells, 3);
    check_cost_words(ui, false, text, sizeof text);
    rows += wrapped_rows(text, cells, 2);
    check_value_words(ui, false, text, sizeof text);
    return rows + wrapped_rows(text, cells, 2);
}

/* A target, or what is left out and why. */
static void draw_target(struct view view, int32_t row, const struct dialog *dialog, size_t at)
{
    const bool is_left = at >= dialog->target_count;
    const struct left_out *left = is_left ? &dialog->left[at - dialog->target_count] : NULL;
    const struct mark *mark = is_left ? &left->mark : &dialog->targets[at];
    const enum ls_role role = is_left ? LS_ROLE_SEV_WARNING : LS_ROLE_TEXT;
    char words[48];
    state_words(mark->state, mark->sub, words, sizeof words);
    struct ls_span span = ls_rect_line(view.area, row, 1);
    span.column = ls_grid_printf(view.grid, span, role, "%9" PRId64 "  ", mark->op.value);
    span.column = ls_grid_printf(view.grid, span, role, "%-15s ", ls_kind_name(mark->kind));
    if (is_left) {
        (void)ls_grid_printf(view.grid, span, role, "LEFT OUT: %s", left->why);
        return;
    }
    const int32_t key_end = span.end - (int32_t)sizeof "HELD ambiguous ";
    (void)ls_grid_text(view.grid, ls_span_of(span.row, span.column, key_end), role, mark->key);
    (void)ls_grid_text(view.grid, ls_span_of(span.row, key_end + 1, span.end), LS_ROLE_MUTED,
                       words);
}

/* All targets, then what is left out. */
static void draw_list(struct view view, const struct dialog *dialog)
{
    const size_t count = dialog->target_count + dialog->left_out;
    const size_t top = (size_t)dialog->scroll;
    const size_t fits = view.area.rows > 1 ? (size_t)view.area.rows - 1 : 0;
    const size_t end = top + fits < count ? top + fits : count;
    for (size_t at = top; at < end; at++) draw_target(view, (int32_t)(at - top), dialog, at);
    (void)ls_grid_printf(view.grid, ls_rect_line(view.area, view.area.rows - 1, 1),
                         LS_ROLE_HINT, "%zu-%zu of %zu, %zu left out   arrows scroll, Esc back",
                         top + 1, end, count, dialog->left_out);
}

int64_t dialog_visible(const struct ls_ui *ui)
{
    enum { LIST_ROWS_AROUND = 3 }; /* borders, and the line that counts */
    const int64_t rows = ui_body(ui->columns, ui->rows).rows - LIST_ROWS_AROUND;
    return rows > 1 ? rows : 1;
}

/* What Enter does now, in as many words as there is room for. */
static const char *enter_words(const struct dialog *dialog, bool is_right, int32_t cells)
{
    enum { ROOMY_CELLS = 48 };
    const struct field *field = &dialog->fields[dialog->focus];
    const bool goes_on = field->kind != FIELD_CONFIRM && field->input.length > 0;
    if (is_right) return "Enter does it, Esc cancels";
    if (goes_on) return "Enter goes on, Esc cancels";
    return cells < ROOMY_CELLS ? "Enter cancels until right"
                               : "Tab next field; Enter cancels until all is right";
}

static void draw_buttons(struct view view, const struct dialog *dialog)
{
    bool is_right = dialog_is_right(dialog) && !check_holds_up(view.ui);
    struct ls_span span = ls_rect_line(view.area, 0, 1);
    span.column = ls_grid_text(view.grid, span, is_right ? LS_ROLE_TEXT : LS_ROLE_BUTTON_FOCUS,
                               "[ Cancel ]") +
                  3;
    span.column = ls_grid_text(view.grid, span, is_right ? LS_ROLE_BUTTON_FOCUS : LS_ROLE_MUTED,
                               is_right ? "[ Go ]" : "  Go  ") +
                  3;
    (void)ls_grid_text(view.grid, span, LS_ROLE_HINT,
                       enter_words(dialog, is_right, span.end - span.column));
}

/* What a newer reading says of the operations that the dialog is about. */
static void write_change(const struct ls_ui *ui, char *out, size_t out_bytes)
{
    const struct dialog *dialog = &ui->dialog;
    const struct ls_op_row *row = ui_current_row(ui);
    const size_t changed = dialog_changed(ui);
    char words[48];
    if (changed == 0) return;
    if (dialog->target_count > 1) {
        (void)snprintf(out, out_bytes, "%zu of them changed meanwhile and will be refused.",
                       changed);
    } else if (row != NULL && row->version != dialog->targets[0].version) {
        state_words(row->state, row->sub, words, sizeof words);
        (void)snprintf(out, out_bytes, "It changed meanwhile: %s now. This will be refused.",
                       words);
    } else {
        (void)snprintf(out, out_bytes, "It changed meanwhile. This will be refused.");
    }
}

static int32_t subject_rows(const struct dialog *dialog)
{
    if (dialog->is_bulk) return 3;
    return dialog->verb == LS_VERB_WORKER_KINDS ? 4 : 2;
}

/* What it is about, the most telling first. */
static void draw_about(struct view *view, const struct dialog *dialog, bool is_airy)
{
    const int32_t first = view->area.row;
    draw_targets(view, dialog);
    if (dialog->verb == LS_VERB_EDIT) advance(view, view_edit_changes(*view));
    draw_check(view);
    draw_left_out(view, dialog);
    if (dialog->warning[0] != '\0') paragraph(view, LS_ROLE_SEV_WARNING, dialog->warning, 3);
    if (dialog->subject[0] != '\0')
        paragraph(view, LS_ROLE_TITLE, dialog->subject, subject_rows(dialog));
    if (is_airy && view->area.row > first) advance(view, 1);
    paragraph(view, LS_ROLE_TEXT, dialog->effect, 4);
}

static void
draw_ask(struct view view, const struct dialog *dialog, int32_t body_rows, bool is_airy)
{
    char trouble[sizeof dialog->trouble];
    (void)snprintf(trouble, sizeof trouble, "%s", dialog->trouble);
    if (trouble[0] == '\0') write_change(view.ui, trouble, sizeof trouble);
    char twin[TWIN_BYTES];
    bool roomy = body_rows >= 18;
    if (is_airy) advance(&view, 1);
    /* Where not all has room, the fields and the buttons have it. */
    const int32_t kept = (int32_t)dialog->field_count + (roomy ? 3 : 2);
    struct view above = view;
    above.area = rect_rows(view.area, 0, view.area.rows - kept);
    const int32_t room = above.area.rows;
    draw_about(&above, dialog, is_airy);
    advance(&view, room - above.area.rows);
    if (roomy) advance(&view, 1);
    for (size_t i = 0; i < dialog->field_count; i++) draw_field(&view, dialog, i);
    paragraph(&view, LS_ROLE_DIALOG_DANGER, trouble[0] == '\0' ? " " : trouble, 1);
    draw_buttons(view, dialog);
    advance(&view, roomy ? 2 : 1);
    dialog_twin(dialog, twin, sizeof twin);
    paragraph(&view, LS_ROLE_MUTED, twin, 3);
}

/* What has no way back once it was confirmed. */
static bool is_final(enum ls_verb verb)
{
    return verb == LS_VERB_RETRY || verb == LS_VERB_EDIT || verb == LS_VERB_COMPENSATE ||
           verb == LS_VERB_CANCEL || verb == LS_VERB_RESOLVE_NEVER ||
           verb == LS_VERB_BATCH_RETRY || verb == LS_VERB_BATCH_COMPENSATE;
}

static int32_t rows_wanted(const struct ls_ui *ui, int32_t columns)
{
    const struct dialog *dialog = &ui->dialog;
    if (dialog->is_quit) return 8;
    if (dialog->shows_list) return (int32_t)(dialog->target_count + dialog->left_out) + 3;
    if (dialog->phase == DIALOG_SENDS) return ui_is_stale(ui) ? 7 : 5;
    char twin[TWIN_BYTES];
    dialog_twin(dialog, twin, sizeof twin);
    int32_t cells = columns - 4;
    int32_t rows = 7 + (int32_t)dialog->field_count; /* borders, blanks, trouble, buttons */
    rows += wrapped_rows(dialog->effect, cells, 4) + wrapped_rows(twin, cells, 3);
    if (dialog->target_count > 0) rows += 1;
    if (dialog->verb == LS_VERB_EDIT) rows += view_edit_change_rows(ui);
    rows += wrapped_rows(dialog->subject, cells, subject_rows(dialog));
    rows += check_rows(ui, cells) + wrapped_rows(dialog->warning, cells, 3);
    return rows + (dialog->left_out > 0 ? 2 : 0);
}

static const char *note_of(const struct dialog *dialog, int32_t columns)
{
    enum { ROOMY_COLUMNS = 60 };
    if (dialog->is_quit) return "";
    if (!is_final(dialog->verb)) return "audited";
    return columns < ROOMY_COLUMNS ? "no undo" : "cannot be undone";
}

static void draw_sends(struct view view, const struct dialog *dialog)
{
    char text[96];
    (void)snprintf(text, sizeof text, "Sent; %zu of %zu answered. Esc hides this.",
                   dialog->answered, dialog_sends(dialog));
    paragraph(&view, LS_ROLE_TEXT, text, 1);
    if (!ui_is_stale(view.ui)) return;
    paragraph(&view, LS_ROLE_SEV_WARNING,
              "The answer was lost with the database. When it is back it is asked "
              "again with the same request id: what was done is done once, and told.",
              3);
}

static void draw_quit(struct view view, const struct dialog *dialog)
{
    paragraph(&view, LS_ROLE_TEXT, dialog->effect, 4);
    advance(&view, 1);
    (void)ls_grid_text(view.grid, ls_rect_line(view.area, 0, 1), LS_ROLE_KEY,
                       "y quits, any other key stays");
}

void view_dialog(struct view view)
{
    const struct dialog *dialog = &view.ui->dialog;
    const struct ls_rect body = view.area;
    const int32_t columns =
        body.columns - 4 < DIALOG_COLUMNS_MAX ? body.columns - 4 : DIALOG_COLUMNS_MAX;
    int32_t rows = rows_wanted(view.ui, columns);
    const bool is_airy = rows + 2 <= body.rows; /* room for a blank line here and there */
    if (is_airy && dialog->phase == DIALOG_ASKS && !dialog->shows_list && !dialog->is_quit)
        rows += 2;
    if (rows > body.rows) rows = body.rows;
    if (rows < 5) rows = 5;
    view.area = (struct ls_rect){body.row + (body.rows - rows) / 2,
                                 (body.columns - columns) / 2, rows, columns};
    ls_grid_set_cursor(view.grid, -1, -1);
    ls_grid_fill(view.grid, view.area, LS_ROLE_DIALOG, LS_ROLE_DIALOG);
    view.area = ls_grid_box(view.grid, view.area, LS_ROLE_DIALOG_DANGER, dialog->title,
                            note_of(dialog, columns));
    if (dialog->is_quit) {
        draw_quit(view, dialog);
    } else if (dialog->phase == DIALOG_SENDS) {
        draw_sends(view, dialog);
    } else if (dialog->shows_list) {
        draw_list(view, dialog);
    } else {
        draw_ask(view, dialog, body.rows, is_airy);
    }
}
