/* An export of what is shown: asked for with x or `:export FILE`, done by the feed. */
#ifndef LOCKSTEP_TUI_EXPORT_H
#define LOCKSTEP_TUI_EXPORT_H

#include <stdbool.h>
#include <stdint.h>

struct export
{
    bool is_running;
    uint64_t ticket;
    int64_t rows;
    int32_t permille; /* of the operations that were looked at */
    char path[512];
};

struct ls_ui;
struct ls_ui_message;

/* Open the command line with a name for the file. */
void export_open(struct ls_ui *ui);
/* `:export FILE` and `:export! FILE`, which overwrites. */
bool export_run(struct ls_ui *ui, const char *path, bool overwrites);
void export_stop(struct ls_ui *ui);
void export_take(struct ls_ui *ui, const struct ls_ui_message *message);

#endif
