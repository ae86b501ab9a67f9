#include "confirm.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

ls_err confirm(const char *question, struct ls_why *why)
{
    char answer[16] = "";
    if (isatty(STDIN_FILENO) == 0) {
        return ls_refuse(why, LS_CODE_REFUSED, "confirm",
                         "%s needs a confirmation and nobody can be asked here; add --yes",
                         question);
    }
    (void)fprintf(stderr, "%s? Type yes to do it: ", question);
    if (fgets(answer, sizeof answer, stdin) != NULL && strcmp(answer, "yes\n") == 0) {
        return LS_OK;
    }
    return ls_refuse(why, LS_CODE_REFUSED, "confirm", "not confirmed; nothing was changed");
}
