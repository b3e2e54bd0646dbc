#ifndef GVJ_OOM_H
#define GVJ_OOM_H
#include "cgroup.h"

/*
 * The Sentry has killed a process because the container's memory was used up. Whoever watches the container's cgroup is to
 * see that, too: a child of ours uses up what is left of it, and the host kills that child.
 */
void oom_show(const struct cgroups *cgroups);

#endif
