#include <stdio.h>
#include <string.h>

#include "help.h"
#include "stray.h"

enum {
    HELP_COLUMNS_MAX = 110,
    KEYS_CELLS = 12,
    ACT_KEYS_CELLS = 6,
    ITEMS_MAX = 3 * HELP_COMMANDS_MAX + 64,
    REASONS_MAX = 32,
    ROOMY_ROWS = 12,
};

/* Commands that cannot run now, for one reason. */
struct reason {
    char keys[64];
    char text[LS_WHY_BYTES];
};

/* What stands on one line of a column: an entry, a heading, or a piece of a reason. */
struct item {
    const struct command *command;
    const char *head;
    const char *keys, *text; /* of a reason */
    size_t text_bytes;
    bool is_first;     /* the keys are shown */
    bool is_elsewhere; /* a command that this screen has not */
};
struct column {
    size_t count;
    struct item items[ITEMS_MAX];
};

struct page {
    struct view view;
    struct help_plan plan;
    const struct command *chosen;
    bool is_wide;
    int32_t act_column, act_cells; /* where the right column begins, and its width */
    size_t reason_count;
    struct reason reasons[REASONS_MAX];
    struct column left, right; /* where there is no room for two, all is left */
};

static void add_reason(struct page *page, const struct command *command)
{
    struct ls_why why = {0};
    char key[LS_KEY_NAME_BYTES];
    char text[LS_WHY_BYTES];
    if (command_can_run(page->view.ui, command, &why)) return;
    command_first_key(page->view.ui, command, key);
    for (size_t i = 0; i < page->reason_count; i++) {
        struct reason *reason = &page->reasons[i];
        const size_t length = strlen(reason->keys);
        if (strcmp(reason->text, why.text) != 0) continue;
        (void)snprintf(reason->keys + length, sizeof reason->keys - length, " %s", key);
        return;
    }
    if (page->reason_count == REASONS_MAX) return;
    struct reason *reason = &page->reasons[page->reason_count++];
    (void)snprintf(text, sizeof text, "%s", why.text);
    (void)snprintf(reason->keys, sizeof reason->keys, "%s", key);
    (void)snprintf(reason->text, sizeof reason->text, "%s", text);
}

static void add(struct column *column, struct item item)
{
    if (column->count < ITEMS_MAX) column->items[column->count++] = item;
}

static void add_commands(struct column *column,
                         const char *head,
                         const struct command *const *commands,
                         size_t count)
{
    if (count == 0) return;
    if (column->count > 0) add(column, (struct item){0});
    add(column, (struct item){.head = head});
    for (size_t i = 0; i < count; i++) add(column, (struct item){.command = commands[i]});
}

/* Each reason over as many lines as it takes, beside its keys. */
static void add_reasons(const struct page *page, struct column *column, int32_t cells)
{
    if (page->reason_count == 0) return;
    if (column->count > 0) add(column, (struct item){0});
    add(column, (struct item){.head = "Not available now, and why"});
    for (size_t i = 0; i < page->reason_count; i++) {
        const struct reason *reason = &page->reasons[i];
        const size_t length = strlen(reason->text);
        const int32_t keys_cells = (int32_t)strlen(reason->keys);
        const bool is_beside = /* else below its keys */
            keys_cells <= KEYS_CELLS || keys_cells + 2 + (int32_t)length <= cells;
        const int32_t room = cells - (is_beside ? keys_cells : 0) - 2;
        if (!is_beside)
            add(column, (struct item){.keys = reason->keys, .text = "", .is_first = true});
        for (size_t at = 0; at < length;) {
            const size_t bytes =
                wrap_bytes(reason->text + at, length - at, room > 8 ? room : 8);
            add(column, (struct item){.keys = is_beside ? reason->keys : "",
                                      .text = reason->text + at,
                                      .text_bytes = bytes,
                                      .is_first = at == 0});
            at += wrap_skip(reason->text + at, bytes);
        }
    }
}

static void lay_out(struct page *page)
{
    static const char *const look_head = "LOOK (changes nothing)";
    static const char *const act_head = "ACT (capitals, always ask first)";
    const struct help_plan *plan = &page->plan;
    help_plan(page->view.ui, &page->plan);
    page->chosen = help_chosen(page->view.ui, plan);
    page->is_wide = help_is_wide(page->view.ui);
    for (size_t i = 0; i < plan->act_count; i++) add_reason(page, plan->acts[i]);
    for (size_t i = 0; i < plan->look_count; i++) add_reason(page, plan->looks[i]);

    const int32_t cells = page->view.area.columns - 2;
    page->act_column = page->is_wide ? cells * 11 / 20 + 2 : 0;
    page->act_cells = cells - page->act_column;
    struct column *acts = page->is_wide ? &page->right : &page->left;
    add_commands(acts, act_head, plan->acts, plan->act_count);
    add_reasons(page, acts, page->act_cells);
    add_commands(&page->left, look_head, plan->looks, plan->look_count);
    const size_t first = page->left.count + (page->left.count > 0 ? 2 : 1);
    add_commands(&page->left, "On other screens", plan->elsewhere, plan->elsewhere_count);
    for (size_t i = first; i < page->left.count; i++) page->left.items[i].is_elsewhere = true;
}

/* The sentence where it fits; else what stands before its explanation. */
static void short_help(const char *help, int32_t cells, char *out, size_t out_bytes)
{
    size_t length = strlen(help);
    if (ls_gate_width(help, length) > (size_t)cells) {
        const size_t head = strcspn(help, ":;(");
        if (head > 2 && head <= (size_t)cells) length = head;
    }
    while (length > 0 && help[length - 1] == ' ') length--;
    (void)snprintf(out, out_bytes, "%.*s", (int)length, help);
}

static void
draw_entry(const struct page *page, int32_t row, struct ls_span span, const struct command *of)
{
    const struct view view = page->view;
    struct ls_why why = {0};
    char keys[COMMAND_KEYS_BYTES];
    char text[160];
    const bool is_possible = command_can_run(view.ui, of, &why);
    const int32_t keys_cells = of->acts && page->is_wide ? ACT_KEYS_CELLS : KEYS_CELLS;
    command_keys(&view.ui->keymap, of, view.ui->screen, keys);
    struct ls_span place = ls_span_of(span.row, span.column, span.column + keys_cells);
    (void)ls_grid_text(view.grid, place, is_possible ? LS_ROLE_KEY : LS_ROLE_MUTED,
                       keys[0] == '\0' ? "-" : keys);
    if (of == page->chosen) {
        ls_grid_tint(view.grid,
                     (struct ls_rect){view.area.row + row, span.column, 1, keys_cells},
                     LS_ROLE_SELECT);
    }
    span.column += keys_cells + 1;
    short_help(of->help, span.end - span.column, text, sizeof text);
    (void)ls_grid_text(view.grid, span, is_possible ? LS_ROLE_TEXT : LS_ROLE_MUTED, text);
}

/* Its keys there, where that is, and what it does. */
static void
draw_elsewhere(const struct page *page, struct ls_span span, const struct command *of)
{
    const struct view view = page->view;
    char keys[COMMAND_KEYS_BYTES];
    char places[128];
    char text[160];
    const int32_t keys_cells = page->is_wide ? ACT_KEYS_CELLS : KEYS_CELLS;
    command_keys(&view.ui->keymap, of, command_first_screen(of), keys);
    stray_places(of, places, sizeof places);
    (void)ls_grid_text(view.grid, ls_span_of(span.row, span.column, span.column + keys_cells),
                       LS_ROLE_MUTED, keys[0] == '\0' ? "-" : keys);
    span.column += keys_cells + 1;
    span.column = ls_grid_printf(view.grid, span, LS_ROLE_TEXT, "%s: ", places);
    short_help(of->help, span.end - span.column, text, sizeof text);
    (void)ls_grid_text(view.grid, span, LS_ROLE_MUTED, text);
}

static void
draw_item(const struct page *page, int32_t row, struct ls_span span, const struct item *item)
{
    ls_grid *grid = page->view.grid;
    if (item->head != NULL) (void)ls_grid_text(grid, span, LS_ROLE_TITLE, item->head);
    if (item->command != NULL && item->is_elsewhere) draw_elsewhere(page, span, item->command);
    if (item->command != NULL && !item->is_elsewhere)
        draw_entry(page, row, span, item->command);
    if (item->text == NULL) return;
    if (item->is_first) (void)ls_grid_text(grid, span, LS_ROLE_KEY, item->keys);
    span.column += (int32_t)strlen(item->keys) + 2;
    (void)ls_grid_bytes(grid, span, LS_ROLE_MUTED, item->text, item->text_bytes);
}

static void draw_line(const struct page *page, int32_t row, size_t at)
{
    struct ls_span left = ls_rect_line(page->view.area, row, 1);
    struct ls_span right = left;
    if (page->is_wide) {
        right.column += page->act_column;
        left.end = right.column - 2;
    }
    if (at < page->left.count) draw_item(page, row, left, &page->left.items[at]);
    if (at < page->right.count) draw_item(page, row, right, &page->right.items[at]);
}

static size_t line_count(const struct page *page)
{
    return page->left.count > page->right.count ? page->left.count : page->right.count;
}

static bool is_chosen_at(const struct page *page, const struct column *column, size_t at)
{
    return at < column->count && page->chosen != NULL &&
           column->items[at].command == page->chosen;
}

/* The line at the top, so that what is chosen is seen. */
static int32_t first_line(const struct page *page, int32_t room)
{
    const int32_t count = (int32_t)line_count(page);
    int32_t at = 0;
    for (int32_t i = 0; i < count; i++) {
        if (is_chosen_at(page, &page->left, (size_t)i) ||
            is_chosen_at(page, &page->right, (size_t)i))
            at = i;
    }
    if (at + 1 < room) return 0;
    return at - room / 2 < count - room ? at - room / 2 : count - room;
}

/* What is looked for, how much of it there is, and which lines of it are seen. */
static void draw_search(const struct page *page, int32_t top, int32_t room)
{
    const struct view view = page->view;
    const struct input *search = &view.ui->help.search;
    const int32_t count = (int32_t)line_count(page);
    const int32_t end = top + room < count ? top + room : count;
    struct ls_span span = ls_rect_line(view.area, 0, 1);
    char text[64] = "";
    if (room < count)
        (void)snprintf(text, sizeof text, "lines %d-%d of %d %s", (int)top + 1, (int)end,
                       (int)count, end < count ? ui_glyph(view.ui, LS_GLYPH_MORE) : " ");
    span.end = ls_grid_right(view.grid, span, LS_ROLE_MUTED, text) - 2;
    (void)snprintf(text, sizeof text, "%zu of %zu match",
                   page->plan.act_count + page->plan.look_count, page->plan.total);
    if (search->length > 0) span.end = ls_grid_right(view.grid, span, LS_ROLE_MUTED, text) - 2;
    span.column = ls_grid_text(view.grid, span, LS_ROLE_KEY, "> ");
    (void)ls_grid_text(view.grid, span, search->length == 0 ? LS_ROLE_MUTED : LS_ROLE_TITLE,
                       search->length == 0 ? "type to search" : search->text);
    ls_grid_set_cursor(view.grid, span.row,
                       span.column + (int32_t)ls_gate_width(search->text, search->caret));
}

/* The whole sentence of what Enter would run. */
static void write_sentence(const struct page *page, char *out, size_t out_bytes)
{
    if (page->chosen == NULL) {
        (void)snprintf(out, out_bytes,
                       "nothing matches on this screen; Ctrl-U empties the search");
    } else {
        (void)snprintf(out, out_bytes, "%s: %s", page->chosen->name, page->chosen->help);
    }
}

/* Rows for it, at most two, and for where keys and manual are. */
static int32_t foot_rows(const struct page *page)
{
    char text[256];
    write_sentence(page, text, sizeof text);
    const bool fits = (int32_t)ls_gate_width(text, strlen(text)) <= page->view.area.columns - 2;
    return fits || page->view.area.rows <= ROOMY_ROWS ? 2 : 3;
}

static void draw_foot(const struct page *page, int32_t row)
{
    const struct view view = page->view;
    const struct ls_keymap *keymap = &view.ui->keymap;
    struct view part = view;
    char text[256];
    write_sentence(page, text, sizeof text);
    part.area = rect_rows(view.area, row, view.area.rows - row - 1);
    part.area.column += 1;
    part.area.columns -= 2;
    (void)view_wrap(part, page->chosen == NULL ? LS_ROLE_MUTED : LS_ROLE_TEXT, text);
    struct ls_span span = ls_rect_line(view.area, view.area.rows - 1, 1);
    if (keymap->path[0] == '\0') {
        (void)ls_grid_text(view.grid, span, LS_ROLE_MUTED,
                           "Default keys; keys.conf changes them.  Manual: man lockstep-keys");
    } else {
        (void)ls_grid_printf(view.grid, span, LS_ROLE_MUTED,
                             "Keys from %s (%zu changed).  Manual: man lockstep-keys",
                             keymap->path, keymap->count);
    }
}

static struct ls_rect box_of(struct ls_rect body)
{
    enum { NARROW = 100 };
    const int32_t around = body.columns > NARROW ? 6 : 0;
    const int32_t columns =
        body.columns - around < HELP_COLUMNS_MAX ? body.columns - around : HELP_COLUMNS_MAX;
    return (struct ls_rect){body.row, (body.columns - columns) / 2, body.rows, columns};
}

void view_help(struct view view)
{
    struct page page = {.view = view};
    const struct ls_rect area = box_of(view.area);
    char title[64];
    ls_grid_fill(view.grid, area, LS_ROLE_DIALOG, LS_ROLE_DIALOG);
    (void)snprintf(title, sizeof title, "Help: %s", screen_name(view.ui->screen));
    page.view.area = ls_grid_box(view.grid, area, LS_ROLE_BORDER_FOCUS, title,
                                 "arrows choose, Enter runs it, Esc closes");
    lay_out(&page);
    const int32_t rows = page.view.area.rows;
    const int32_t gap = rows > ROOMY_ROWS ? 1 : 0;
    const int32_t foot = foot_rows(&page);
    const int32_t room = rows - 1 - 2 * gap - foot;
    const int32_t top = first_line(&page, room);
    const int32_t count = (int32_t)line_count(&page);
    draw_search(&page, top, room);
    for (int32_t i = 0; i < room && top + i < count; i++)
        draw_line(&page, 1 + gap + i, (size_t)(top + i));
    draw_foot(&page, rows - foot);
}
