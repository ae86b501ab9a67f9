/* The sections of an operation's detail. */
#ifndef LS_TUI_VIEW_DETAIL_H
#define LS_TUI_VIEW_DETAIL_H

#include "lines.h"

/* Attempts and what the audit log has (actions, verifications), in the order of time. */
void detail_timeline(struct lines *lines);
/* What the database says beside what the ledger has. */
void detail_chain(struct lines *lines);
void detail_identifiers(struct lines *lines);
/* Each key: what it would do and cost, or why it is not offered. */
void detail_offers(struct lines *lines);

#endif
