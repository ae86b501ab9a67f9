/* A member of a JSON object as it stands in the text. */
#ifndef LOCKSTEP_APP_JSON_MEMBER_H
#define LOCKSTEP_APP_JSON_MEMBER_H

/* `text` is a well-formed JSON object (a parser has said so). Terminate the value of its
 * first member `name` in place and return it; NULL when there is none. */
char *json_member_cut(char *text, const char *name);

#endif
