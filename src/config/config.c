#include "lockstep/config/config.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ini.h>

#include "config_key.h"

#define WHAT "configuration"

/* One reading of a file. inih hands over keys without their line, hides sections that
 * hold none and cuts long lines, so lines and sections are watched on their way in. */
struct reading {
    const char *path;
    FILE *file;
    int line;
    struct ls_config *config;
    bool has_section;
    struct config_section section;
    struct config_seen seen;
    ls_err err; /* the first failure; nothing is read after it */
    struct ls_why *why;
};

void ls_config_init(struct ls_config *config_out)
{
    assert(config_out != NULL);
    *config_out = (struct ls_config){
        .environment = "local",
        .cluster = "localnet",
        .batch = 256,
        .in_flight_max = 20000,
        .lease_ms = 30000,
        .behind_slots = 50,
        .fee_price = -1,
        .fee_percentile = 75,
        .fee_cap = 1000000,
        .fee_bump = 10000,
        .fee_bump_factor = 4,
        .bump_after = 30,
        .bumps = 3,
        .unit_margin = 20,
        .simulate = LS_SWITCH_ON,
        .heartbeat_ms = 5000,
        .history_ms = 400 * LS_DAY_MS,
        .keys_ms = 800 * LS_DAY_MS,
        .markers_ms = 90 * LS_DAY_MS,
        .samples_ms = 8 * LS_DAY_MS,
        .outcomes = 1000000,
        .backup_horizon_ms = INT64_C(7) * 86400000,
        .rules = ls_alert_rules_default(),
        .desktop = LS_SWITCH_AUTO,
        .links = LS_SWITCH_AUTO,
        .theme = "dark",
        .refresh_ms = 1000,
        .log_level = LS_LEVEL_INFO,
    };
    for (int kind = 0; kind <= LS_KIND_MAX; kind++)
        config_out->kinds[kind].pack = LS_SWITCH_AUTO;
}

const char *ls_config_worker_url(const struct ls_config *config)
{
    return config->worker_url[0] != '\0' ? config->worker_url : config->database_url;
}

static ls_err set_path(char path_out[LS_CONFIG_PATH_BYTES],
                       const char *start,
                       const char *end,
                       struct ls_why *why)
{
    char path[LS_CONFIG_PATH_BYTES];
    const int length = snprintf(path, sizeof path, "%s%s", start, end);
    if (length < 0 || (size_t)length >= sizeof path) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "the path of the configuration is longer than %d bytes; shorten it",
                         LS_CONFIG_PATH_BYTES - 1);
    }
    memcpy(path_out, path, (size_t)length + 1);
    return LS_OK;
}

static bool is_readable(const char *path)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) return false;
    (void)fclose(file); /* only read */
    return true;
}

ls_err ls_config_find(const char *option,
                      char path_out[LS_CONFIG_PATH_BYTES],
                      bool *was_chosen_out,
                      struct ls_why *why)
{
    const char *chosen = option != NULL ? option : getenv("LOCKSTEP_CONFIG");
    if (chosen != NULL && chosen[0] != '\0') {
        LS_TRY(set_path(path_out, chosen, "", why));
        *was_chosen_out = true;
        return LS_OK;
    }

    char path[LS_CONFIG_PATH_BYTES] = "";
    const char *base = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    if (base != NULL && base[0] != '\0') {
        LS_TRY(set_path(path, base, "/lockstep/lockstep.conf", why));
    } else if (home != NULL && home[0] != '\0') {
        LS_TRY(set_path(path, home, "/.config/lockstep/lockstep.conf", why));
    }
    if (path[0] == '\0' || !is_readable(path)) {
        LS_TRY(set_path(path, "/etc/lockstep/lockstep.conf", "", why));
    }
    memcpy(path_out, path, sizeof path);
    *was_chosen_out = false;
    return LS_OK;
}

/* Keep the first failure, with its place in front. */
static void fail(struct reading *reading, const struct ls_why *what)
{
    if (ls_failed(reading->err)) return;
    reading->err = ls_refuse(reading->why, LS_CODE_INVALID, WHAT, "%s:%d: %.380s",
                             reading->path, reading->line, what->text);
}

static void fail_text(struct reading *reading, const char *text)
{
    struct ls_why why = {0};
    (void)snprintf(why.text, sizeof why.text, "%s", text);
    fail(reading, &why);
}

/* A section's line as it stands in the file: "[name]" with its newline removed. */
static void watch_section(struct reading *reading, const char *line)
{
    char text[LS_CONFIG_LINE_BYTES_MAX + 1];
    const char *end = strchr(line, ']');
    if (end == NULL) {
        fail_text(reading, "a section without its closing ]; write [word] or [word \"name\"]");
        return;
    }
    const size_t rest = strspn(end + 1, " \t");
    if (end[1 + rest] != '\0' && end[1 + rest] != ';' && end[1 + rest] != '#') {
        fail_text(reading, "text after a section's ]; put it on a line of its own");
        return;
    }
    const size_t bytes = (size_t)(end - line - 1);
    memcpy(text, line + 1, bytes);
    text[bytes] = '\0';

    struct ls_why why = {0};
    const ls_err err = config_section_open(reading->config, text, &reading->section, &why);
    if (ls_failed(err)) fail(reading, &why);
    reading->has_section = true;
}

static bool has_control(const char *line)
{
    for (; *line != '\0'; line++) {
        const unsigned char byte = (unsigned char)*line;
        if ((byte < 0x20 && byte != '\t') || byte == 0x7f) return true;
    }
    return false;
}

static void watch_line(struct reading *reading, const char *line)
{
    const size_t blanks = strspn(line, " \t");
    if (has_control(line)) {
        fail_text(reading, "a control character; the file is not a text");
    } else if (line[blanks] == '\0' || line[blanks] == ';' || line[blanks] == '#') {
        return;
    } else if (blanks > 0) {
        fail_text(reading, "the line begins with a blank; begin it in the first column");
    } else if (line[0] == '[') {
        watch_section(reading, line);
    } else if (reading->line == 1 && strncmp(line, "\xef\xbb\xbf", 3) == 0) {
        fail_text(reading, "begins with a byte order mark; save the file without one");
    } else if (strpbrk(line, "=:") == NULL) {
        fail_text(reading, "neither a [section] nor key = value");
    } else if (!reading->has_section) {
        fail_text(reading, "a key before the first [section]; put one above it");
    }
}

/* One line without its newline into `line`: 1 read, 0 at the end, -1 when it is too long
 * or holds a zero byte. */
static int read_line(FILE *file, char *line, size_t line_bytes)
{
    size_t length = 0;
    int byte = getc(file);
    if (byte == EOF) return 0;
    for (; byte != EOF && byte != '\n'; byte = getc(file)) {
        if (byte == '\0' || length + 1 == line_bytes) return -1;
        line[length++] = (char)byte;
    }
    if (length > 0 && line[length - 1] == '\r') length--;
    line[length] = '\0';
    return 1;
}

/* inih's reader: like fgets, for `bytes` of at least LS_CONFIG_LINE_BYTES_MAX + 2. */
static char *next_line(char *out, int bytes, void *stream)
{
    struct reading *reading = stream;
    char line[LS_CONFIG_LINE_BYTES_MAX + 1];
    if (ls_failed(reading->err)) return NULL;
    const int got = read_line(reading->file, line, sizeof line);
    if (got == 0) return NULL;
    reading->line++;
    if (got < 0) {
        fail_text(reading, "the line is longer than 194 bytes or not text; shorten it "
                           "(long connection settings can move to a libpq service file)");
    } else if (reading->line > LS_CONFIG_LINES_MAX) {
        fail_text(reading, "more than 10000 lines; this is no configuration");
    } else {
        watch_line(reading, line);
    }
    if (ls_failed(reading->err)) return NULL;
    assert(strlen(line) + 2 <= (size_t)bytes); /* inih asks for 200 */
    (void)snprintf(out, (size_t)bytes, "%s\n", line);
    return out;
}

static int take_key(void *user, const char *section, const char *name, const char *value)
{
    (void)section; /* ours is the section as written */
    struct reading *reading = user;
    struct ls_why why = {0};
    if (ls_failed(reading->err)) return 0;
    if (name[0] == '\0') {
        fail_text(reading, "a value without a key; write key = value");
        return 0;
    }
    reading->seen.line = reading->line;
    if (ls_failed(config_key_set(reading->config, &reading->section, &reading->seen, name,
                                 value, &why))) {
        fail(reading, &why);
        return 0;
    }
    return 1;
}

static ls_err check_whole(struct reading *reading)
{
    struct ls_why what = {0};
    int line = 0;
    if (!ls_failed(config_check(reading->config, &reading->seen, &line, &what))) return LS_OK;
    if (line == 0) {
        return ls_refuse(reading->why, LS_CODE_INVALID, WHAT, "%s: %.380s", reading->path,
                         what.text);
    }
    return ls_refuse(reading->why, LS_CODE_INVALID, WHAT, "%s:%d: %.380s", reading->path, line,
                     what.text);
}

static ls_err read_file(struct reading *reading)
{
    const int inih_line = ini_parse_stream(next_line, reading, take_key, reading);
    if (ls_failed(reading->err)) return reading->err;
    if (ferror(reading->file) != 0) {
        return ls_refuse(reading->why, LS_CODE_INVALID, WHAT,
                         "%s: cannot be read; it must be a regular file", reading->path);
    }
    if (inih_line != 0) {
        return ls_refuse(reading->why, LS_CODE_INVALID, WHAT,
                         "%s:%d: neither a [section] nor key = value", reading->path,
                         inih_line);
    }
    return check_whole(reading);
}

ls_err ls_config_read(const char *path, struct ls_config *config_out, struct ls_why *why)
{
    assert(path != NULL && config_out != NULL);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        const int number = errno;
        return ls_refuse(
            why, number == ENOENT ? LS_CODE_NOT_FOUND : LS_CODE_INVALID, WHAT,
            number == ENOENT
                ? "%s: there is no such file; create it, or name another with --config"
                : "%s: cannot be opened; check who may read it",
            path);
    }
    struct ls_config config;
    ls_config_init(&config);
    struct reading reading = {.path = path, .file = file, .config = &config, .why = why};
    ls_err err = set_path(config.path, path, "", why);
    if (!ls_failed(err)) err = read_file(&reading);
    (void)fclose(file); /* only read */
    if (!ls_failed(err)) *config_out = config;
    return err;
}
