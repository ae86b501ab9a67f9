/* A pane over the screen with what a command of the shell prints. It runs as a process of
 * its own, which the console's shell starts and reads; what it prints is data like any
 * other and passes the gate. What acts is looked at first (--dry-run where there is one),
 * then confirmed in a dialog. */
#ifndef LOCKSTEP_TUI_PANE_H
#define LOCKSTEP_TUI_PANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PANE_BYTES_MAX = 262144, PANE_LINES_MAX = 8192, PANE_LINE_BYTES = 512 };

enum pane_phase {
    PANE_CLOSED,
    PANE_RUNS,
    PANE_ENDED,
};

struct pane {
    enum pane_phase phase;
    bool acts;                  /* it changes the world: it is not stopped by closing */
    bool is_trial;              /* --dry-run: the dialog follows */
    bool is_cut;                /* it printed more than fits */
    char line[PANE_LINE_BYTES]; /* the command, without "lockstep" */
    uint64_t ticket;
    int32_t status; /* exit status, when it ended */
    int64_t top;    /* first line shown */
    size_t length;
    char text[PANE_BYTES_MAX];
    size_t line_count;
    uint32_t lines[PANE_LINES_MAX];  /* where each begins, as wrapped to the pane */
    size_t whole_bytes, whole_lines; /* up to the last line that may still grow */
};

struct ls_ui;
struct ls_key;
struct ls_ui_message;

/* Run a command of the shell: at once where it only reads, after a dialog where it acts.
 * False, with the prompt's why, when it cannot run here. */
bool pane_run(struct ls_ui *ui, const char *line);
/* The dialog was confirmed. */
void pane_confirmed(struct ls_ui *ui, const char *reason);
void pane_key(struct ls_ui *ui, struct ls_key key);
/* A piece of output, or its end. */
void pane_take(struct ls_ui *ui, const struct ls_ui_message *message);
bool pane_is_open(const struct ls_ui *ui);
/* Cells by which what goes on of a line of output stands in: below its last column, where that
 * begins in the left half of `cells`. */
int32_t pane_indent(const char *text, size_t bytes, int32_t cells);
/* The terminal has another width: what is long breaks elsewhere. */
void pane_resize(struct ls_ui *ui);

#endif
