/* A bundle's linux.uidMappings and gidMappings: the user namespace that its gofer lives in. user_namespaces(7). */
#ifndef GVJ_IDMAPS_H
#define GVJ_IDMAPS_H
#include <sys/types.h>

#include "json.h"

struct id_maps {
    const char *uids, *gids; /* lines "INSIDE OUTSIDE COUNT" as /proc/PID/uid_map takes them */
    uid_t root_uid;          /* the host's ids of the container's root */
    gid_t root_gid;
};

/* Those of config.json, or NULL without a user namespace; fails with a sentence about what is wrong with them. */
const struct id_maps *idmaps_read(const struct json *linux_part);

/* `self` is the /proc directory of a process in a new user namespace. 0, or -1 with errno. */
int idmaps_write(int self, const struct id_maps *maps);

/* Into a new user namespace with these maps, as its root, with all capabilities there; fails with a sentence. */
void idmaps_enter(int self, const struct id_maps *maps);

#endif
