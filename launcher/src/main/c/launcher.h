/* The gvj launcher: starts Sentry and gofer side by side, keeps the terminal, waits, and leaves nothing behind. */
#ifndef GVJ_LAUNCHER_H
#define GVJ_LAUNCHER_H
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>
#include <sys/types.h>

enum {
    STATUS_USAGE = 2,     /* the command line is wrong */
    STATUS_FAILURE = 125, /* the sandbox failed, not the program in it */
    CHANNELS = 2,         /* between Sentry and gofer to begin with: it asks for more when threads wait for one */
    MAX_TREES = 64        /* host trees that the gofer can serve */
};

/* say.c */
void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));          /* a line on stderr */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));           /* "gvj: ..." on stderr */
noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2))); /* say, restore the terminal, end */

/* cmdline.c: as much of the command line as the launcher needs; all checking is done in Java */
struct tree {
    const char *path; /* on the host */
    int writable;
    int fd; /* O_PATH */
};

struct cmdline {
    int sandboxed;           /* do or run, not help or syscalls */
    const char *command;     /* "do", "run", ... or "" */
    const char *bundle;      /* run */
    const char *debug_log;   /* pattern or directory, or NULL */
    const char *id;          /* of the sandbox */
    struct tree trees[MAX_TREES];
    int tree_count;
};

void cmdline_parse(struct cmdline *cmdline, int argc, char **argv);
void tree_open(struct tree *tree); /* fails with a sentence */

/* install.c: where this program is installed */
enum aot { AOT_AUTO, AOT_REQUIRED, AOT_OFF, AOT_TRAIN };
extern enum aot aot;
const char *install_path(const char *relative); /* allocated */

/* jvm.c */
struct jvm {
    const char *name;        /* "Sentry" or "gofer": also names the AOT cache */
    const char *main_class;
    const char *const *options;
    const char *const *jars;
    const struct jail *jail; /* NULL: as its caller */
};
extern const struct jvm jvm_sentry, jvm_gofer, jvm_tool;
noreturn void jvm_exec(const struct jvm *jvm, char *const arguments[]);

/* jail.c: what a JVM gives up before it starts */
struct jail {
    int nobody;            /* runs as user 65534, in a user namespace unless it keeps a capability */
    int own_network;       /* gets a network namespace with nothing in it; else it is in the launcher's */
    uint64_t capabilities; /* that stay, as bits; CAP_NET_RAW for a Sentry that may open raw sockets of the host */
    const char *files;     /* more that it reads, read-only at the same paths: separated by colons, or NULL */
};
extern struct jail jail_sentry, jail_gofer;
extern int jail_off;                           /* --jail=off: no namespaces, no other user; system call filters all the same */
void jail_prepare(void);                       /* once, before children: a caller without privileges gets a user namespace, or fails */
pid_t jail_fork(const struct jail *jail);      /* as fork(2) */
void jail_bind_to_parent(void);                /* in the child: dies with the launcher, and is dead if that already is */
void jail_enter(const struct jail *jail);      /* in the child; fails with a sentence */

/* mount_setattr(2), which this libc does not know: struct mount_attr and its flags */
struct mount_attributes {
    uint64_t set, clear, propagation, userns;
};
enum { MOUNT_RDONLY = 1, MOUNT_NOSUID = 2, MOUNT_NODEV = 4, MOUNT_NOEXEC = 8 };
int mount_attributes(int fd, const char *path, int flags, const struct mount_attributes *attributes);

/* tree.c */
int tree_clone(const char *path, int writable); /* O_PATH, close-on-exec; -1 with errno */

/* child.c */
struct child {
    const struct jvm *jvm;
    pid_t pid;    /* 0: not running */
    int status;   /* of waitpid once it has ended */
};
/* Starts a JVM with fds[] (each >= 3) inherited under their own numbers. input and output become fds 0 and 1. */
void child_start(struct child *child, const struct jvm *jvm, char *const arguments[], const int *fds, int count,
                 int input, int output, int error);
void child_kill(struct child *child);              /* child_wait reaps it */
void child_wait(struct child *child);
const char *child_describe(const struct child *child); /* "died of signal 9 (Killed)" */

/* boot.c: the message that tells the Sentry's runtime how it was called */
int boot_message(const struct cmdline *cmdline, int argc, char **argv, int control, const int *channels, int log, int kvm);

/* terminal.c */
int terminal_present(void);
void terminal_size(uint32_t *rows, uint32_t *columns);
void terminal_raw(void);     /* if fd 0 is a terminal and we are in its foreground */
void terminal_restore(void); /* always safe */

/* log.c: opens a --debug-log file for a part ("boot", "gofer"); 2 without the option */
int log_open(const struct cmdline *cmdline, const char *part);

/* sandbox.c: runs one sandbox from start to end; answers the exit status */
int sandbox_run(struct cmdline *cmdline, int argc, char **argv);

/* Text that lives as long as the launcher. */
char *text(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
