/*
 * containerd-shim-gvisor-java-v1: what containerd runs for each container, before and after its life. This program under another
 * name, because both must be quick; the shim that lives is a JVM (gvj.shim.Main), one for each pod.
 */
#ifndef GVJ_SHIM_H
#define GVJ_SHIM_H
#include "launcher.h"

#define SHIM_NAME "containerd-shim-gvisor-java-v1"

enum { SHIM_LISTENING = 3 }; /* descriptor of the socket in the JVM */

struct shim {
    /* flags, as containerd gives them */
    const char *id, *namespace, *address, *publish_binary, *bundle;
    int debug;
    const char *action; /* "start" or "delete" */
};

/* shim.c */
int shim_main(int argc, char **argv);

/* shim_options.c: what is written to `start`, and the configuration that it names */
struct shim_options {
    const char *root;       /* gvj's --root, without the namespace */
    const char *log_path;   /* or NULL: containerd's FIFO */
    const char *socket_directory;
    int debug;              /* log_level */
    enum { SHIM_TTRPC, SHIM_TTRPC_V3, SHIM_GRPC } protocol;
    int bootstrap;          /* by a containerd of version 2.3 or later */
    struct flags flags;     /* for every gvj */
};
void shim_options_read(struct shim_options *options, int fd);
extern const char shim_default_root[];

/* shim_bundle.c: what `start` leaves in a bundle for `delete`; and what config.json says about pods */
struct shim_bundle {
    const char *root, *group, *socket; /* root: with the namespace */
};
const char *shim_group(const struct shim *shim); /* the pod's id, or the container's own */
void shim_bundle_write(const struct shim_bundle *bundle);
void shim_bundle_read(struct shim_bundle *bundle, const struct shim *shim); /* from the working directory */

/* shim_start.c, shim_delete.c */
int shim_start(const struct shim *shim);
int shim_delete(const struct shim *shim);

/* shim_daemon.c: starts the JVM that serves the listening socket; arguments as gvj.shim.Arguments has them */
void shim_daemon(int listening, const struct shim_options *options, char *const arguments[]);

#endif
