/* The evidence of an attempt for people: the JSON object that a worker (or a person's
 * resolution) left with it, told in lines. Any object reads: what a certificate of another
 * rule holds needs no change here. Does not judge it. */
#ifndef LOCKSTEP_CORE_EVIDENCE_H
#define LOCKSTEP_CORE_EVIDENCE_H

#include <stddef.h>

enum { LS_EVIDENCE_LINES_MAX = 24, LS_EVIDENCE_DEPTH_MAX = 6 };

struct ls_evidence_line {
    char label[40];  /* the member's name in words: "last valid height" */
    char text[1024]; /* its value; members of an inner object as "name value; …" */
};

/* Each member of the object `json` becomes one line, each object in a member's list one of
 * its own ("looks 1", "looks 2"); true and false read yes and no. Texts are cut at their
 * room. Returns the number of lines, at most `max`; 0 when `json` is no object or is cut. */
size_t ls_evidence_lines(const char *json, struct ls_evidence_line *lines_out, size_t max);

#endif
