/*
 * Which trees of the host the Sentry may ask for when it makes a further container. It has run other programs before, and may
 * be theirs by now: it gets what that container's config.json names, and no more.
 */
#ifndef GVJ_GRANTS_H
#define GVJ_GRANTS_H
#include <stddef.h>

#include "json.h"

struct grants {
    const struct json *config;
    const char *bundle, *id;
    const char *overlay; /* the --overlay2 that counts for this container; NULL: none */
};

/* The --overlay2 that counts: an annotation's, or else the sandbox's own. */
const char *grants_overlay(const char *sandbox, const struct json *annotations);

/* NULL if all trees of a list "ro|rw|up|uk SP path NUL" and so on are granted, or a sentence about the first that is not. */
const char *grants_refusal(const struct grants *grants, const char *list, size_t length);

#endif
