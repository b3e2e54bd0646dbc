#ifndef GVJ_OOM_H
#define GVJ_OOM_H
#include "cgroup.h"

/*
 * The Sentry has killed a process because the container's memory was used up. Whoever watches the container's cgroup is to
 * see that, too: a child of ours uses up what is left of it, and the host kills that child.
 */
void oom_show(const struct cgroups *cgroups);
/* The same for cgroups in which there is nobody but this process, whose limit is far away: for a moment it is near. */
void oom_show_in(const struct cgroups *cgroups);
void oom_wait(void); /* until that child, if there is one, is dead: before this process ends, with which it would die unseen */

#endif
