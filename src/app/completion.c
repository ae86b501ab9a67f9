#include "completion_texts.h"
#include "manual.h"

void completion_bash(struct ls_buf *out)
{
    ls_buf_add_text(out, bash_text);
}

void completion_zsh(struct ls_buf *out)
{
    ls_buf_add_text(out, zsh_text);
}

void completion_fish(struct ls_buf *out)
{
    ls_buf_add_text(out, fish_text);
}
