/* The network namespace of a sandbox: that of the process that waits for it, so that others find it by that process. */
#ifndef GVJ_NETWORK_H
#define GVJ_NETWORK_H

/* Both fail with a sentence. */
void network_make(void);             /* moves this process into a new one with its loopback device up */
void network_join(const char *path); /* into the one that `path` names */

#endif
