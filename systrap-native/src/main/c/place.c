#include "place.h"
void place_before_run(struct context *c) { c->thread->page->spin = 0; }
bool place_poll(struct context *c) { (void)c; return false; }
void place_before_sleep(struct context *c) { (void)c; }
