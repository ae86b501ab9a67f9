#include "json_member.h"

#include <string.h>

/* Behind the string that begins at `at`. */
static char *skip_string(char *at)
{
    for (at++; *at != '\0' && *at != '"'; at++) {
        if (*at == '\\' && at[1] != '\0') at++;
    }
    return *at == '"' ? at + 1 : at;
}

/* Behind the value that begins at `at`: at the comma or bracket that ends it. */
static char *skip_value(char *at)
{
    int depth = 0;
    while (*at != '\0') {
        if (*at == '"') {
            at = skip_string(at);
            continue;
        }
        if (*at == '{' || *at == '[') depth++;
        if (depth == 0 && (*at == ',' || *at == '}')) return at;
        if (*at == '}' || *at == ']') depth--;
        at++;
    }
    return at;
}

char *json_member_cut(char *text, const char *name)
{
    const size_t name_bytes = strlen(name);
    char *at = strchr(text, '{');
    while (at != NULL && *at != '\0') {
        char *key = strchr(at, '"');
        if (key == NULL) return NULL;
        char *key_end = skip_string(key);
        char *value = strchr(key_end, ':');
        if (value == NULL) return NULL;
        char *end = skip_value(value + 1);
        if ((size_t)(key_end - key) == name_bytes + 2 &&
            memcmp(key + 1, name, name_bytes) == 0) {
            *end = '\0';
            return value + 1;
        }
        at = *end == '\0' ? end : end + 1;
    }
    return NULL;
}
