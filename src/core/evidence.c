#include "lockstep/core/evidence.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* A walk over the text with a stack of open brackets, one line under way. */
struct walk {
    const char *at;
    struct ls_evidence_line *lines;
    size_t count, max;
    char open[LS_EVIDENCE_DEPTH_MAX];
    size_t depth;
    bool wants_name; /* the next string names a member */
    bool is_bad;
    int elements; /* objects of the list under way */
};

static void add(char *text, size_t text_bytes, const char *more, size_t more_bytes)
{
    size_t length = strlen(text);
    size_t room = text_bytes - 1 - length;
    if (more_bytes > room) more_bytes = room;
    memcpy(text + length, more, more_bytes);
    text[length + more_bytes] = '\0';
}

static struct ls_evidence_line *line(struct walk *walk)
{
    return walk->count == 0 ? NULL : &walk->lines[walk->count - 1];
}

static void say(struct walk *walk, const char *text, size_t bytes)
{
    struct ls_evidence_line *now = line(walk);
    if (now != NULL) add(now->text, sizeof now->text, text, bytes);
}

static struct ls_evidence_line *begin_line(struct walk *walk)
{
    if (walk->count == walk->max) {
        walk->is_bad = true;
        return NULL;
    }
    struct ls_evidence_line *now = &walk->lines[walk->count++];
    now->label[0] = now->text[0] = '\0';
    return now;
}

static void name_words(char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '_') *text = ' ';
    }
}

static void take_name(struct walk *walk, const char *name, size_t bytes)
{
    walk->wants_name = false;
    if (walk->depth == 1) {
        struct ls_evidence_line *now = begin_line(walk);
        if (now == NULL) return;
        add(now->label, sizeof now->label, name, bytes);
        name_words(now->label);
        walk->elements = 0;
        return;
    }
    struct ls_evidence_line *now = line(walk);
    if (now == NULL) return;
    size_t before = strlen(now->text);
    say(walk, name, bytes);
    name_words(now->text + before);
    say(walk, " ", 1);
}

/* A string up to its closing quote. Escapes are rare here: what one names is said plainly. */
static void take_string(struct walk *walk)
{
    char plain[sizeof walk->lines->text];
    size_t length = 0;
    const char *at = walk->at + 1;
    for (; *at != '\0' && *at != '"'; at++) {
        char byte = *at;
        if (byte == '\\' && at[1] != '\0') {
            at++;
            byte = strchr("\"\\/", *at) != NULL ? *at : ' ';
            for (int i = 0; *at == 'u' && i < 4 && at[1] != '\0'; i++) at++;
        }
        if (length < sizeof plain - 1) plain[length++] = byte;
    }
    if (*at != '"') {
        walk->is_bad = true;
        return;
    }
    walk->at = at + 1;
    if (walk->wants_name) {
        take_name(walk, plain, length);
    } else {
        say(walk, plain, length);
    }
}

static void take_word(struct walk *walk)
{
    size_t length = strcspn(walk->at, ",]} \t\r\n:[{\"");
    if (length == 0) {
        walk->is_bad = true;
        return;
    }
    if (length == 4 && memcmp(walk->at, "true", 4) == 0) {
        say(walk, "yes", 3);
    } else if (length == 5 && memcmp(walk->at, "false", 5) == 0) {
        say(walk, "no", 2);
    } else {
        say(walk, walk->at, length);
    }
    walk->at += length;
}

/* An object in the list of a top member gets a line of its own. */
static void begin_element(struct walk *walk)
{
    struct ls_evidence_line *now = line(walk);
    if (now == NULL || walk->depth != 3 || walk->open[1] != '[') return;
    char label[sizeof now->label];
    size_t named = strlen(now->label);
    if (walk->elements > 0) {
        const char *space = strrchr(now->label, ' ');
        if (space != NULL) named = (size_t)(space - now->label);
    }
    (void)snprintf(label, sizeof label, "%.*s %d", (int)named, now->label, walk->elements + 1);
    if (walk->elements++ > 0) now = begin_line(walk);
    if (now != NULL) memcpy(now->label, label, sizeof label);
}

static void take_open(struct walk *walk)
{
    if (walk->depth == LS_EVIDENCE_DEPTH_MAX) {
        walk->is_bad = true;
        return;
    }
    walk->open[walk->depth++] = *walk->at;
    walk->wants_name = *walk->at == '{';
    if (walk->wants_name) begin_element(walk);
    walk->at++;
}

static void take_close(struct walk *walk)
{
    char wanted = *walk->at == '}' ? '{' : '[';
    walk->is_bad = walk->depth == 0 || walk->open[walk->depth - 1] != wanted;
    if (!walk->is_bad) walk->depth--;
    walk->at++;
}

static void take_comma(struct walk *walk)
{
    bool in_object = walk->depth > 0 && walk->open[walk->depth - 1] == '{';
    walk->wants_name = in_object;
    walk->at++;
    bool between_elements = walk->depth == 2 && walk->elements > 0;
    if (walk->depth < 2 || between_elements) return;
    say(walk, in_object ? "; " : ", ", 2);
}

size_t ls_evidence_lines(const char *json, struct ls_evidence_line *lines_out, size_t max)
{
    assert(json != NULL);
    assert(lines_out != NULL && max > 0);
    struct walk walk = {.at = json, .lines = lines_out, .max = max};
    while (*walk.at != '\0' && !walk.is_bad) {
        char byte = *walk.at;
        if (walk.depth == 0 && byte != '{' && strchr(" \t\r\n", byte) == NULL) return 0;
        if (byte == '{' || byte == '[') {
            take_open(&walk);
        } else if (byte == '}' || byte == ']') {
            take_close(&walk);
        } else if (byte == ',') {
            take_comma(&walk);
        } else if (byte == '"') {
            take_string(&walk);
        } else if (strchr(" \t\r\n:", byte) != NULL) {
            walk.at++;
        } else {
            take_word(&walk);
        }
    }
    return walk.is_bad || walk.depth > 0 ? 0 : walk.count;
}
