/* What the tests of systrap's own half share. */
#ifndef OWN_H
#define OWN_H
#include "check.h"
#include "rewrite.h"

#define STABLE (RX | PROT_STABLE)

/* Calls until a call site has been rewritten, and some more. */
#define HOT 20

void stable_open(struct guest *g, const u8 *begin, const u8 *end); /* guest_open with code that qualifies */
bool is_rewritten(struct guest *g);                                 /* its page at CODE */
bool has_jumped(struct guest *g);                                   /* it made its last call without a signal */
void make_hot(struct guest *g);

void test_rewriting(void);
void test_changes(void);
void test_processes(void);

#endif
