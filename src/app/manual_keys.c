#include <stdio.h>
#include <string.h>

#include "lockstep/tui/keymap.h"
#include "manual.h"

/* "R F8   (failed, stuck)", or nothing where it is on all screens. */
static void where_text(size_t index, char *out, size_t out_bytes)
{
    char name[LS_KEY_SCREEN_BYTES];
    bool is_everywhere = true;
    size_t length = 0;
    out[0] = '\0';
    for (int32_t screen = 0; ls_key_screen_name(screen, name); screen++) {
        if (!ls_key_command_is_on(index, screen)) {
            is_everywhere = false;
            continue;
        }
        (void)snprintf(out + length, out_bytes - length, "%s%s", length == 0 ? "" : ", ", name);
        length = strlen(out);
    }
    if (is_everywhere) (void)snprintf(out, out_bytes, "every screen");
}

static void add_commands(struct ls_buf *out, bool acts)
{
    struct ls_key_command command;
    for (size_t i = 0; ls_key_command_at(i, &command); i++) {
        char more[256];
        char text[512];
        char where[192];
        if (command.acts != acts) continue;
        where_text(i, where, sizeof where);
        (void)snprintf(more, sizeof more, "   %s", command.name);
        (void)snprintf(text, sizeof text, "%s (%s)", command.help, where);
        roff_item(out, command.defaults, more, text);
    }
}

void manual_keys(struct ls_buf *out)
{
    roff_title(out, "LOCKSTEP-KEYS", "7", "Miscellaneous");
    roff_section(out, "NAME");
    roff_text(out, "lockstep-keys - keys of the lockstep console, and keys.conf");
    ls_buf_add_char(out, '\n');
    roff_section(out, "DESCRIPTION");
    roff_text(out, "Small letters never change the world. Capitals do, and always ask first; G "
                   "is the one harmless capital. The help (?) shows the keys as they are "
                   "now, runs what is chosen, and says why something cannot be run. Each "
                   "command has a name, which keys.conf and the command line (:) take.");
    ls_buf_add_char(out, '\n');
    roff_section(out, "LOOKING");
    add_commands(out, false);
    roff_section(out, "ACTING");
    add_commands(out, true);
    roff_section(out, "KEYS OF ONE'S OWN");
    roff_text(out,
              "$XDG_CONFIG_HOME/lockstep/keys.conf (~/.config if unset), or the file that "
              "[ui] keys of lockstep.conf names, gives commands other keys. A section is "
              "[keys], or [keys SCREEN] for one screen, which is stronger; a line is "
              "COMMAND = KEYS, several apart by blanks, or none. What acts takes capital "
              "letters and F-keys alone. Two commands on one key, or an unknown name, is an "
              "error with file and line: lockstep keys check finds it.");
    ls_buf_add_char(out, '\n');
    ls_buf_add_text(out, ".PP\n");
    roff_example(out, "[keys]\nretry = R F8\nsort = none\n[keys failed]\nmark-all = m\n");
    roff_section(out, "SEE ALSO");
    ls_buf_add_text(out, ".BR lockstep (1),\n.BR lockstep.conf (5)\n");
}
