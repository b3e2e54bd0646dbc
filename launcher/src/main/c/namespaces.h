/*
 * Namespaces of a sandbox that mean something on the host: those of the process that waits for it, so that others find them by
 * that process. All others are the Sentry's own kind.
 */
#ifndef GVJ_NAMESPACES_H
#define GVJ_NAMESPACES_H
#include "json.h"
#include "launcher.h"
#include "state.h"

/* All fail with a sentence. */
void network_make(void); /* moves this process into a new network namespace with its loopback device up */
/* As config.json says, but for --network. Its host name goes into the UTS namespace. */
void namespaces_enter(const struct json *config, enum network network);
/* Those of the sandbox that the container is to be in; what config.json says otherwise is refused. */
void namespaces_join(const struct json *config, const struct container *sandbox);
/* The entry of linux.namespaces of that type, or NULL. */
const struct json *namespaces_find(const struct json *config, const char *type);

#endif
