#include "doctor.h"

#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "command.h"
#include "lockstep/alert/sink.h"
#include "lockstep/base/base58.h"
#include "lockstep/host/key_file.h"
#include "lockstep/report/out.h"

static const char *finding_name(enum finding finding)
{
    switch (finding) {
    case FINDING_OK: return "ok";
    case FINDING_WARN: return "warn";
    case FINDING_BAD: return "bad";
    }
    return "bad";
}

void doctor_say(struct doctor *doctor,
                enum finding finding,
                enum ls_exit bad_status,
                const char *check,
                const char *format,
                ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments); /* cut by design */
    va_end(arguments);
    if (finding == FINDING_BAD && doctor->status == LS_EXIT_DONE) doctor->status = bad_status;
    if (!doctor->is_json) {
        ls_buf_printf(&doctor->out, "%-5s %-13s ", finding_name(finding), check);
        ls_out_gated(&doctor->out, text);
        ls_buf_add_char(&doctor->out, '\n');
        return;
    }
    ls_out_json_comma(&doctor->out);
    ls_buf_add_char(&doctor->out, '{');
    ls_out_json_field(&doctor->out, "check", check);
    ls_out_json_field(&doctor->out, "finding", finding_name(finding));
    ls_out_json_field(&doctor->out, "message", text);
    ls_buf_add_char(&doctor->out, '}');
}

/* The earlier signer with this key; NULL. */
static const char *
twin_of(const struct ls_config *config, const struct ls_address *addresses, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (ls_address_equal(&addresses[i], &addresses[count])) return config->signers[i].name;
    return NULL;
}

void doctor_keys(struct doctor *doctor, const struct ls_config *config)
{
    struct ls_address addresses[LS_SIGNERS_MAX] = {0};
    if (config->signer_count == 0) {
        doctor_say(doctor, FINDING_WARN, LS_EXIT_USAGE, "key",
                   "none is configured, so this machine runs no worker; lockstep key new FILE "
                   "makes one for [signer \"payer\"]");
    }
    for (size_t i = 0; i < config->signer_count; i++) {
        const struct ls_config_signer *signer = &config->signers[i];
        struct ls_keypair key = {0};
        struct ls_why why = {0};
        char address[LS_ADDRESS_TEXT_BYTES];
        const ls_err err = ls_keypair_read(signer->keypair, &key, &why);
        if (ls_failed(err)) {
            doctor_say(doctor, FINDING_BAD, LS_EXIT_USAGE, "key", "%s: %s", signer->name,
                       why.text);
            continue;
        }
        addresses[i] = key.address;
        ls_address_text(&key.address, address);
        ls_keypair_done(&key);
        const char *twin = twin_of(config, addresses, i);
        if (twin != NULL) {
            doctor_say(doctor, FINDING_BAD, LS_EXIT_USAGE, "key",
                       "%s holds the same key as %s; remove one of the two [signer] sections",
                       signer->name, twin);
            continue;
        }
        doctor_say(doctor, FINDING_OK, LS_EXIT_DONE, "key", "%s is %s%s", signer->name, address,
                   i == 0 ? ", pays the fees" : "");
    }
}

static void check_terminal(struct doctor *doctor)
{
    enum { COLUMNS_MIN = 80, ROWS_MIN = 24 };
    struct winsize size = {0};
    const char *type = getenv("TERM");
    if (isatty(STDOUT_FILENO) == 0) {
        doctor_say(doctor, FINDING_WARN, LS_EXIT_USAGE, "terminal",
                   "standard output is none; the console needs one");
        return;
    }
    if (type == NULL || type[0] == '\0' || strcmp(type, "dumb") == 0) {
        doctor_say(doctor, FINDING_WARN, LS_EXIT_USAGE, "terminal",
                   "TERM says nothing of use; set TERM=xterm-256color");
        return;
    }
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
        (size.ws_col < COLUMNS_MIN || size.ws_row < ROWS_MIN)) {
        doctor_say(doctor, FINDING_WARN, LS_EXIT_USAGE, "terminal",
                   "%dx%d is smaller than %dx%d; make the window larger", size.ws_col,
                   size.ws_row, COLUMNS_MIN, ROWS_MIN);
        return;
    }
    if (setlocale(LC_CTYPE, "") == NULL || strcmp(nl_langinfo(CODESET), "UTF-8") != 0) {
        doctor_say(doctor, FINDING_WARN, LS_EXIT_USAGE, "terminal",
                   "the locale is not UTF-8; set LANG=C.UTF-8 or start with --ascii");
        return;
    }
    doctor_say(doctor, FINDING_OK, LS_EXIT_DONE, "terminal", "%s, %dx%d, UTF-8", type,
               size.ws_col, size.ws_row);
}

static void check_desktop(struct doctor *doctor, const struct ls_config *config)
{
    const struct ls_desktop_options options = {.application = "lockstep"};
    struct ls_why why = {0};
    ls_desktop *desktop = NULL;
    if (config->desktop == LS_SWITCH_OFF) {
        doctor_say(doctor, FINDING_OK, LS_EXIT_DONE, "desktop",
                   "switched off in [alert] desktop");
        return;
    }
    if (ls_failed(ls_desktop_new(&options, &desktop, &why))) {
        doctor_say(doctor, config->desktop == LS_SWITCH_ON ? FINDING_BAD : FINDING_WARN,
                   LS_EXIT_FAILED, "desktop", "%s",
                   why.text[0] == '\0'
                       ? "no notification service; alerts ring the terminal's bell"
                       : why.text);
        return;
    }
    ls_desktop_free(desktop);
    doctor_say(doctor, FINDING_OK, LS_EXIT_DONE, "desktop", "notifications reach this session");
}

void doctor_screen(struct doctor *doctor, const struct ls_config *config)
{
    check_terminal(doctor);
    check_desktop(doctor, config);
}

/* Whether there is a configuration that can be used; defaults count. */
static bool check_config(struct doctor *doctor, const char *option, struct ls_config *config)
{
    char path[LS_CONFIG_PATH_BYTES];
    bool was_chosen = false;
    struct ls_why why = {0};
    ls_err err = ls_config_find(option, path, &was_chosen, &why);
    if (!ls_failed(err)) err = ls_config_read(path, config, &why);
    if (err.code == LS_CODE_NOT_FOUND && !was_chosen) {
        doctor_say(doctor, FINDING_WARN, LS_EXIT_USAGE, "configuration",
                   "%s does not exist; the defaults and PG* variables hold", path);
        return true;
    }
    if (ls_failed(err)) {
        doctor_say(doctor, FINDING_BAD, LS_EXIT_USAGE, "configuration", "%s", why.text);
        return false;
    }
    doctor_say(doctor, FINDING_OK, LS_EXIT_DONE, "configuration", "%s", path);
    return true;
}

enum ls_exit command_doctor(const struct command_call *call)
{
    struct doctor doctor = {.is_json = arguments_has(call->arguments, OPTION_JSON)};
    struct ls_config config;
    ls_config_init(&config);
    ls_buf_init(&doctor.out, 1 << 20);
    if (doctor.is_json) ls_buf_add_char(&doctor.out, '[');
    if (check_config(&doctor, arguments_value(call->arguments, OPTION_CONFIG), &config)) {
        doctor_database(&doctor, &config);
        doctor_ledger(&doctor, &config);
        doctor_keys(&doctor, &config);
    }
    doctor_screen(&doctor, &config);
    if (doctor.is_json) ls_buf_add_text(&doctor.out, "]\n");
    const enum ls_exit printed = ls_out_print(&doctor.out);
    return doctor.status == LS_EXIT_DONE ? printed : doctor.status;
}
