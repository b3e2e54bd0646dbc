/* Which CPU the two threads of a context run on, and whether they poll for each other: place.c. */
#ifndef GVJSYSTRAP_PLACE_H
#define GVJSYSTRAP_PLACE_H
#include "gvjsystrap.h"

void place_before_run(struct context *c);   /* decides how this hand-off is waited for */
bool place_poll(struct context *c);         /* polls if it may; whether the thread came */
u64 place_patience(struct context *c);      /* nanoseconds to sleep before place_computes, 0 for ever */
void place_after_run(struct context *c, u64 since); /* the thread has come; ticks when it was let go */
void place_computes(struct context *c);     /* the application computes */
void place_helper(struct process *p);       /* before the helper is woken */
void place_let_helper_run(struct context *c); /* it is to release c's thread, and on our CPU */
#endif
