/* Call sites that jump to the stub instead of trapping: rewrite.c. The caller holds the address space's lock. */
#ifndef GVJSYSTRAP_REWRITE_H
#define GVJSYSTRAP_REWRITE_H
#include "gvjsystrap.h"

/* In the protection that as_map takes: what is mapped does not change while it is mapped. gvj.platform.AddressSpace.STABLE */
#define PROT_STABLE 0x100

#define ENTRY_PRESENT 8ull
#define ENTRY_STABLE 16ull
#define ENTRY_PATCHED 32ull /* a copy with rewritten call sites is mapped there instead */

#define ENTRY_RIGHTS 7ull

u64 *as_slot(struct aspace *as, u64 address); /* the entry of a page in the table, or NULL */
void as_finish(struct aspace *as);            /* waits until the stub has done what it was told */

void rewrite_dropped(struct aspace *as, u64 address); /* the copy at address is no longer mapped */
void rewrite_forget(struct aspace *as);               /* nothing is mapped any more */
void rewrite_collect(struct aspace *as);              /* the stub has done what it was told */
void rewrite_stop(struct aspace *as);                 /* takes all copies away and makes no more */
void rewrite_yield(struct aspace *as);                /* and the table, because the application wants its place */
void rewrite_close(struct aspace *as);
/* Without the lock: */
void rewrite_trapped(struct context *c);              /* c has made a system call by a signal */
bool rewrite_finish(struct context *c);               /* c is in the table: takes it out; whether it made a system call */
u64 rewrite_entry(struct aspace *as, u64 rip);        /* where to go on instead of at rip */
#endif
