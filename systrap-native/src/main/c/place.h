/* Which CPU the two threads of a context run on, and whether they poll for each other: place.c. */
#ifndef GVJSYSTRAP_PLACE_H
#define GVJSYSTRAP_PLACE_H
#include "gvjsystrap.h"

void place_before_run(struct context *c);   /* decides how this hand-off is waited for */
bool place_poll(struct context *c);         /* polls if it may; whether the thread came */
void place_before_sleep(struct context *c);
#endif
