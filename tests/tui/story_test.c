/* Stories: an operator's keys in, screens out, against a database of 10,000 operations.
 *
 * A story (tests/tui/stories/NAME.story) is one step a line; `#` begins a remark:
 *   key NAME...     keys, by their names; counted
 *   type TEXT       a reason, a count, a word: its letters are counted apart from keys
 *   paste           what was copied last, as a terminal pastes it
 *   fund            the account without funds gets some
 *   wait SECONDS    workers go on, the console reads
 *   expect TEXT     it stands on the screen
 *   refuse TEXT     it does not
 *   states NAME N   so many operations are in that state
 *   acts N          so many actions were asked of the database
 *   keys fewer than N
 *   screen NAME     the screen is tests/tui/golden/NAME.txt, and where docs/tour.md shows it
 *                   (between <!-- screen NAME --> and the end of the block) it shows the same
 *
 * LS_UPDATE=1 writes the screens, and those in docs/tour.md, anew: read the difference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "golden.h"
#include "story_play.h"

/* The block of docs/tour.md that shows the screen `name`: where its text begins and its bytes;
 * false where the tour does not show it. */
static bool find_block(char *tour, const char *name, char **begin_out, size_t *bytes_out)
{
    static const char fence[] = "```text\n";
    char mark[GOLDEN_PATH_BYTES];
    (void)snprintf(mark, sizeof mark, "<!-- screen %s -->\n", name);
    char *at = strstr(tour, mark);
    if (at == NULL) return false;
    at += strlen(mark);
    if (strncmp(at, fence, strlen(fence)) != 0) fail_msg("no block ```text behind %s", mark);
    at += strlen(fence);
    char *end = strstr(at, "```\n");
    if (end == NULL) fail_msg("the block behind %s has no end", mark);
    *begin_out = at;
    *bytes_out = (size_t)(end - at);
    return true;
}

/* Lines without blanks at their ends, as a document has them; the caller frees it. */
static char *trimmed(const char *screen)
{
    char *text = calloc(1, strlen(screen) + 2);
    if (text == NULL) abort();
    size_t length = 0;
    for (const char *at = screen; *at != '\0'; at++) {
        if (*at == '\n')
            while (length > 0 && text[length - 1] == ' ') length--;
        text[length++] = *at;
    }
    return text;
}

static void check_tour(const char *name, const char *screen)
{
    static const char path[] = LS_SOURCE_DIR "/docs/tour.md";
    char *tour = golden_read(path);
    char *text = trimmed(screen);
    char *begin = NULL;
    size_t bytes = 0;
    if (!find_block(tour, name, &begin, &bytes))
        fail_msg("docs/tour.md does not show %s", name);
    const bool is_same = bytes == strlen(text) && memcmp(begin, text, bytes) == 0;
    if (!is_same && golden_is_update()) {
        char *fresh = calloc(1, GOLDEN_BYTES_MAX);
        if (fresh == NULL) abort();
        (void)snprintf(fresh, GOLDEN_BYTES_MAX, "%.*s%s%s", (int)(begin - tour), tour, text,
                       begin + bytes);
        golden_write(path, fresh);
        free(fresh);
    } else if (!is_same) {
        fail_msg("docs/tour.md shows %s as it was: LS_UPDATE=1 writes it anew", name);
    }
    free(text);
    free(tour);
}

static void check_screen(struct story *story, const char *name)
{
    assert_golden(story->world, name);
    char *screen = fixture_screen(story->world);
    check_tour(name, screen);
    free(screen);
}

struct reading {
    struct story *story;
    const char *name;
    int line;
    int keys, letters;
};

static void press(struct reading *reading, const char *name)
{
    struct ls_ui_message message = {.kind = LS_UI_KEY};
    if (!ls_key_parse(name, &message.key))
        fail_msg("%s:%d: no key '%s'", reading->name, reading->line, name);
    story_send(reading->story, message);
    reading->story->world->still_ms =
        FIXTURE_REST_MS; /* what waits for the hand to rest is due */
    story_send(reading->story, (struct ls_ui_message){.kind = LS_UI_TICK});
    reading->story->world->still_ms = 0; /* and ages are shown as of now */
    story_send(reading->story, (struct ls_ui_message){.kind = LS_UI_TICK});
}

static void press_all(struct reading *reading, const char *names)
{
    while (*names != '\0') {
        char name[LS_KEY_NAME_BYTES];
        const size_t length = strcspn(names, " ");
        (void)snprintf(name, sizeof name, "%.*s", (int)length, names);
        press(reading, name);
        reading->keys++;
        names += length;
        names += strspn(names, " ");
    }
}

static void type_all(struct reading *reading, const char *text)
{
    for (; *text != '\0'; text++) {
        struct ls_ui_message message = {.kind = LS_UI_KEY};
        message.key = (struct ls_key){.code = LS_KEY_CHAR, .scalar = (unsigned char)*text};
        story_send(reading->story, message);
        reading->letters++;
    }
}

static void check_state(const struct reading *reading, const char *rest)
{
    char name[32];
    long wanted = 0;
    enum ls_state state = LS_STATE_READY;
    int64_t count = 0;
    if (sscanf(rest, "%31s %ld", name, &wanted) != 2 || !ls_state_parse(name, &state))
        fail_msg("%s:%d: states NAME N, not '%s'", reading->name, reading->line, rest);
    for (size_t i = 0; i < STORY_OPS; i++)
        if (reading->story->ops[i].row.state == state) count++;
    if (count != wanted)
        fail_msg("%s:%d: %lld are %s, not %ld", reading->name, reading->line, (long long)count,
                 name, wanted);
}

static void check_keys(const struct reading *reading, const char *rest)
{
    int most = 0;
    if (sscanf(rest, "fewer than %d", &most) != 1)
        fail_msg("%s:%d: keys fewer than N, not '%s'", reading->name, reading->line, rest);
    print_message("%s: %d keys, and %d letters of reasons, counts and words\n", reading->name,
                  reading->keys, reading->letters);
    if (reading->keys >= most)
        fail_msg("%s took %d keys, not fewer than %d", reading->name, reading->keys, most);
}

static void check_text(struct reading *reading, const char *text, bool is_wanted)
{
    if (fixture_has(reading->story->world, text) == is_wanted) return;
    char *screen = fixture_screen(reading->story->world);
    (void)fputs(screen, stderr);
    free(screen);
    fail_msg("%s:%d: %s the screen: %s", reading->name, reading->line,
             is_wanted ? "not on" : "still on", text);
}

static void take_step(struct reading *reading, const char *verb, const char *rest)
{
    struct story *story = reading->story;
    if (strcmp(verb, "key") == 0) {
        press_all(reading, rest);
    } else if (strcmp(verb, "type") == 0) {
        type_all(reading, rest);
    } else if (strcmp(verb, "paste") == 0) {
        story_send(story, (struct ls_ui_message){.kind = LS_UI_PASTE,
                                                 .paste = story->world->last_copy});
    } else if (strcmp(verb, "fund") == 0) {
        assert_string_equal(story->world->last_copy, story_poor); /* that one was copied */
        story->is_funded = true;
    } else if (strcmp(verb, "wait") == 0) {
        story_wait(story, strtol(rest, NULL, 10));
    } else if (strcmp(verb, "expect") == 0 || strcmp(verb, "refuse") == 0) {
        check_text(reading, rest, verb[0] == 'e');
    } else if (strcmp(verb, "screen") == 0) {
        check_screen(story, rest);
    } else if (strcmp(verb, "states") == 0) {
        check_state(reading, rest);
    } else if (strcmp(verb, "acts") == 0) {
        assert_int_equal(story->acts, strtol(rest, NULL, 10));
    } else if (strcmp(verb, "keys") == 0) {
        check_keys(reading, rest);
    } else {
        fail_msg("%s:%d: no step '%s'", reading->name, reading->line, verb);
    }
}

static void play(const char *name)
{
    char path[GOLDEN_PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/stories/%s.story", LS_TEST_DIR, name);
    char *text = golden_read(path);
    struct reading reading = {.story = story_new(), .name = name};
    char *next = text;
    while (*next != '\0') {
        char *line = next;
        next += strcspn(next, "\n");
        if (*next == '\n') *next++ = '\0';
        reading.line++;
        if (line[0] == '\0' || line[0] == '#') continue;
        char *rest = line + strcspn(line, " ");
        if (*rest == ' ') *rest++ = '\0';
        take_step(&reading, line, rest);
    }
    story_free(reading.story);
    free(text);
}

static void an_operator_mends_a_bad_night_with_fewer_than_25_keys(void **state)
{
    (void)state;
    play("triage");
}

static void a_retry_without_the_cure_fails_again_and_is_told(void **state)
{
    (void)state;
    play("unfunded");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_operator_mends_a_bad_night_with_fewer_than_25_keys),
        cmocka_unit_test(a_retry_without_the_cure_fails_again_and_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
