/* The terminal on a pseudo-terminal: a child runs it, the test reads what it writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "lockstep/term/term.h"

enum { OUTPUT_MAX = 65536, WAIT_MS = 10000 };

struct child {
    pid_t pid;
    int master;
    char output[OUTPUT_MAX];
    size_t length;
    struct termios before;
};

/* What a child does; its status is the process's. */
typedef int (*child_body)(void);

static void run_child(const struct child *child, int slave, const char *type, child_body body)
{
    (void)close(child->master); /* else a hang-up could never be seen */
    (void)alarm(20);
    int nowhere = open("/dev/null", O_RDWR);
    (void)dup2(nowhere, STDERR_FILENO);
    (void)setsid();
    (void)ioctl(slave, TIOCSCTTY, 0);
    for (int fd = 0; fd < 2; fd++) (void)dup2(slave, fd);
    (void)setenv("TERM", type, 1);
    (void)setenv("LC_ALL", "C.UTF-8", 1);
    (void)unsetenv("TMUX");
    _exit(body());
}

static void start(struct child *child, const char *type, child_body body)
{
    *child = (struct child){0};
    int slave = -1;
    assert_int_equal(openpty(&child->master, &slave, NULL, NULL, NULL), 0);
    const struct winsize size = {.ws_row = 24, .ws_col = 80};
    assert_int_equal(ioctl(slave, TIOCSWINSZ, &size), 0);
    assert_int_equal(tcgetattr(slave, &child->before), 0);
    child->pid = fork();
    assert_true(child->pid >= 0);
    if (child->pid == 0) run_child(child, slave, type, body);
    /* The slave stays open here, so that its modes can be looked at afterwards. */
}

/* Read until `wanted` was written, or the child ended. */
static bool reads(struct child *child, const char *wanted)
{
    for (int i = 0; i < 1000; i++) {
        if (strstr(child->output, wanted) != NULL) return true;
        struct pollfd wait = {.fd = child->master, .events = POLLIN};
        if (poll(&wait, 1, WAIT_MS) <= 0) return false;
        ssize_t count =
            read(child->master, child->output + child->length, OUTPUT_MAX - 1 - child->length);
        if (count <= 0) return false;
        for (ssize_t at = 0; at < count; at++) /* a terminal's output holds no NUL of ours */
            if (child->output[child->length + (size_t)at] == '\0')
                child->output[child->length + (size_t)at] = ' ';
        child->length += (size_t)count;
    }
    return false;
}

static void type(struct child *child, const char *keys)
{
    assert_int_equal(write(child->master, keys, strlen(keys)), (ssize_t)strlen(keys));
}

static int ended(struct child *child)
{
    int status = 0;
    assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
    return status;
}

static void assert_modes_restored(struct child *child)
{
    struct termios after;
    assert_int_equal(tcgetattr(child->master, &after), 0);
    assert_int_equal(after.c_lflag, child->before.c_lflag);
    assert_int_equal(after.c_iflag, child->before.c_iflag);
    assert_int_equal(after.c_oflag, child->before.c_oflag);
}

static ls_term *open_or_die(void)
{
    ls_term *term = NULL;
    struct ls_why why = {0};
    if (!ls_term_takes_utf8()) _exit(90);
    if (ls_failed(ls_term_open(&term, &why))) _exit(91);
    return term;
}

static void show(ls_term *term, ls_grid *grid, const char *text)
{
    ls_grid_clear(grid);
    (void)ls_grid_text(grid, ls_span_of(0, 0, 80), LS_ROLE_STATE_FAILED, text);
    ls_term_draw(term, grid);
}

/* Says each input that it gets, until q. */
static int echo_body(void)
{
    ls_term *term = open_or_die();
    ls_grid *grid = ls_grid_new(80, 24, false);
    struct ls_theme theme;
    struct ls_why why = {0};
    if (ls_failed(ls_theme_load_builtin("dark", &theme, &why))) return 92;
    ls_term_set_theme(term, &theme);
    show(term, grid, ls_term_note(term)[0] == '\0' ? "ready 株" : ls_term_note(term));
    struct ls_term_input input;
    for (int i = 0; i < 10000; i++) {
        struct pollfd wait[] = {{.fd = ls_term_key_fd(term), .events = POLLIN},
                                {.fd = ls_term_signal_fd(term), .events = POLLIN}};
        (void)poll(wait, 2, WAIT_MS);
        ls_term_read(term, &input);
        char text[256] = "";
        char name[LS_KEY_NAME_BYTES];
        if (input.kind == LS_TERM_KEY) {
            ls_key_name(input.key, name);
            (void)snprintf(text, sizeof text, "key(%s)", name);
        } else if (input.kind == LS_TERM_PASTE) {
            (void)snprintf(text, sizeof text, "paste(%.100s)", input.paste);
        } else if (input.kind == LS_TERM_RESIZE) {
            int32_t columns = 0;
            int32_t rows = 0;
            ls_term_size(term, &columns, &rows);
            (void)snprintf(text, sizeof text, "size(%d,%d)", columns, rows);
        } else if (input.kind == LS_TERM_GONE) {
            break;
        }
        if (text[0] != '\0') show(term, grid, text);
        if (strcmp(text, "key(q)") == 0) break;
    }
    ls_term_close(term);
    ls_grid_free(grid);
    return 7;
}

static int crash_body(void)
{
    ls_term *term = open_or_die();
    ls_grid *grid = ls_grid_new(80, 24, false);
    show(term, grid, "about to crash");
    (void)signal(SIGABRT, SIG_DFL); /* as outside of a sanitizer */
    ls_term_close(term);
    term = open_or_die();
    show(term, grid, "again");
    abort();
}

static void keys_pastes_and_sizes_arrive(void **state)
{
    (void)state;
    struct child child;
    start(&child, "xterm-256color", echo_body);

    assert_true(reads(&child, "ready 株"));
    type(&child, "R");
    assert_true(reads(&child, "key(R)"));
    type(&child, "\x03");
    assert_true(reads(&child, "Ctrl-C"));
    type(&child, "\033[A");
    assert_true(reads(&child, "Up"));
    type(&child, "\033[200~R\rq\033[201~");
    assert_true(reads(&child, "paste(R"));
    const struct winsize size = {.ws_row = 30, .ws_col = 100};
    assert_int_equal(ioctl(child.master, TIOCSWINSZ, &size), 0);
    assert_true(reads(&child, "size(100,30)"));
    type(&child, "q");
    (void)reads(&child, "\033[?1049l");
    assert_int_equal(WEXITSTATUS(ended(&child)), 7);
    assert_modes_restored(&child);
    assert_non_null(strstr(child.output, "\033[?2004h"));
    assert_non_null(strstr(child.output, "\033[?2004l"));
    assert_null(strstr(child.output, "\033[2J\033[2J"));
    (void)close(child.master);
}

/* The end of the paste may be lost in it, the terminal may not. */
static void bytes_that_are_no_characters_are_no_hang_up(void **state)
{
    (void)state;
    struct child child;
    start(&child, "xterm-256color", echo_body);
    assert_true(reads(&child, "ready"));
    char garbage[1201];
    for (size_t i = 0; i + 1 < sizeof garbage; i++)
        garbage[i] = (char)(i % 7 == 0 ? 0x1b : 0xf8 + i % 8);
    garbage[sizeof garbage - 1] = '\0';
    type(&child, "\033[200~");
    type(&child, garbage);
    type(&child, "\033[201~");
    type(&child, "\033[200~ok\033[201~");
    assert_true(reads(&child, "paste("));
    type(&child, "R");
    assert_true(reads(&child, "key(R)"));
    type(&child, "q");
    (void)reads(&child, "\033[?1049l");
    assert_int_equal(WEXITSTATUS(ended(&child)), 7);
    (void)close(child.master);
}

static void an_unknown_type_is_told_and_treated_as_xterm(void **state)
{
    (void)state;
    struct child child;
    start(&child, "no-such-terminal", echo_body);
    assert_true(reads(&child, "TERM=no-such-terminal is not known here"));
    type(&child, "q");
    (void)reads(&child, "\033[?1049l");
    assert_int_equal(WEXITSTATUS(ended(&child)), 7);
    (void)close(child.master);
}

static void a_terminal_that_hangs_up_is_noticed(void **state)
{
    (void)state;
    struct child child;
    start(&child, "xterm-256color", echo_body);
    assert_true(reads(&child, "ready"));
    (void)kill(child.pid, SIGCONT);
    type(&child, "\x04");
    assert_true(reads(&child, "Ctrl-D"));
    (void)close(child.master);
    int status = ended(&child);
    assert_true((WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP) || WIFEXITED(status));
}

static void a_crash_gives_the_terminal_back(void **state)
{
    (void)state;
    struct child child;
    start(&child, "xterm-256color", crash_body);
    assert_true(reads(&child, "again"));
    (void)reads(&child, "\033[?1049l\033[?25h");
    int status = ended(&child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    assert_modes_restored(&child);
    (void)close(child.master);
}

static void no_terminal_is_refused_in_words(void **state)
{
    (void)state;
    int ends[2];
    int saved = dup(STDIN_FILENO);
    assert_int_equal(pipe(ends), 0);
    assert_true(dup2(ends[0], STDIN_FILENO) >= 0);
    ls_term *term = NULL;
    struct ls_why why = {0};

    ls_err err = ls_term_open(&term, &why);

    (void)dup2(saved, STDIN_FILENO);
    assert_int_equal(err.code, LS_CODE_INVALID);
    assert_non_null(strstr(why.text, "lockstep status"));
    assert_null(term);
    ls_term_close(NULL);
    (void)close(saved);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

/* Two draws of the same: the link is told once. Then links are off. */
static int link_body(void)
{
    ls_term *term = open_or_die();
    ls_grid *grid = ls_grid_new(80, 24, false);
    ls_term_set_links(term, true);
    for (int i = 0; i < 3; i++) {
        ls_grid_clear(grid);
        (void)ls_grid_link(grid, ls_span_of(2, 4, 80), LS_ROLE_TEXT, "4hXTc",
                           "https://explorer.example/tx/4hXTc");
        if (i == 2) ls_term_set_links(term, false);
        ls_term_draw(term, grid);
    }
    ls_term_close(term);
    ls_grid_free(grid);
    return 0;
}

static void a_link_is_told_once_and_only_where_wanted(void **state)
{
    (void)state;
    static struct child child;
    start(&child, "xterm-256color", link_body);
    assert_true(reads(&child, "\033[?1049l"));
    const char *first = strstr(child.output, "\033]8;;https://explorer.example/tx/4hXTc\033\\"
                                             "4hXTc\033]8;;\033\\\0338");
    assert_non_null(first);
    assert_null(strstr(first + 1, "\033]8;;https"));
    assert_non_null(strstr(child.output, "\0337\033[3;5H"));
    assert_int_equal(ended(&child), 0);
    (void)close(child.master);
}

/* A chosen row in a theme whose background for it is black as one of eight. */
static int chosen_body(void)
{
    ls_term *term = open_or_die();
    ls_grid *grid = ls_grid_new(80, 24, false);
    struct ls_theme theme;
    struct ls_why why = {0};
    if (ls_failed(ls_theme_load_builtin("dark", &theme, &why))) return 92;
    ls_term_set_theme(term, &theme);
    (void)ls_grid_text(grid, ls_span_of(0, 0, 80), LS_ROLE_TEXT, "plain");
    (void)ls_grid_text(grid, ls_span_of(1, 0, 80), LS_ROLE_TEXT, "chosen");
    ls_grid_tint(grid, (struct ls_rect){1, 0, 1, 10}, LS_ROLE_SELECT);
    ls_term_draw(term, grid);
    ls_term_close(term);
    ls_grid_free(grid);
    return 0;
}

/* Whether `code` is written between the row above and the chosen one. */
static bool turns_on(const char *output, const char *code)
{
    const char *from = strstr(output, "plain");
    const char *to = strstr(output, "chosen");
    assert_non_null(from);
    assert_non_null(to);
    const char *at = strstr(from, code);
    return at != NULL && at < to;
}

static void the_chosen_row_is_seen_with_eight_colours_and_with_256(void **state)
{
    (void)state;
    static struct child child;
    start(&child, "linux", chosen_body);
    assert_true(reads(&child, "chosen"));
    assert_true(turns_on(child.output, ";7;")); /* reverse */
    assert_int_equal(ended(&child), 0);
    (void)close(child.master);

    start(&child, "xterm-256color", chosen_body);
    assert_true(reads(&child, "chosen"));
    assert_true(turns_on(child.output, "48;5;17"));
    assert_int_equal(ended(&child), 0);
    (void)close(child.master);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_is_told_once_and_only_where_wanted),
        cmocka_unit_test(the_chosen_row_is_seen_with_eight_colours_and_with_256),
        cmocka_unit_test(keys_pastes_and_sizes_arrive),
        cmocka_unit_test(bytes_that_are_no_characters_are_no_hang_up),
        cmocka_unit_test(an_unknown_type_is_told_and_treated_as_xterm),
        cmocka_unit_test(a_terminal_that_hangs_up_is_noticed),
        cmocka_unit_test(a_crash_gives_the_terminal_back),
        cmocka_unit_test(no_terminal_is_refused_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
