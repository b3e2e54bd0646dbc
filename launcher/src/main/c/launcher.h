/* The gvj launcher: starts Sentry and gofer side by side, waits for them, and leaves nothing behind. */
#ifndef GVJ_LAUNCHER_H
#define GVJ_LAUNCHER_H
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>
#include <sys/types.h>

enum {
    STATUS_ERROR = 1,       /* an OCI command failed */
    STATUS_USAGE = 2,       /* the command line is wrong */
    STATUS_FAILURE = 125,   /* the sandbox failed, not the program in it */
    STATUS_DEAD = 137,      /* a container's Sentry or gofer is gone: as if killed by SIGKILL */
    STATUS_NO_EXEC = 255,   /* exec failed */
    CHANNELS = 2,           /* between Sentry and gofer to begin with: it asks for more when threads wait for one */
    DESCRIPTORS_MAX = 200,  /* that one message carries, and that a container can be given */
    CONFIG_MAX = 16 << 20   /* bytes of a config.json: 10,000 mounts are 3 MiB */
};

/* say.c */
extern int failure_status;                       /* that fail() ends with */
extern const char *log_path;                     /* --log, or NULL */
extern int log_json;                             /* --log-format=json */
extern void (*on_failure)(const char *line);     /* called by fail() instead of tell() */
void tell(const char *line);                                                       /* a line as it is, an error */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));           /* "gvj: ..." */
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));          /* ... that ends nothing */
noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2))); /* say, restore the terminal, end */
/* Text that lives as long as the launcher. */
char *text(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* files.c: all but write_* fail with a sentence; bytes end in NUL */
char *read_fd(int fd, const char *name, size_t most, size_t *length);
char *read_file(const char *path, size_t most, size_t *length);
int write_all(int fd, const char *bytes, size_t length);                             /* -1 and errno */
int write_file(const char *path, const char *bytes, size_t length, mode_t mode);     /* whole or not at all; -1, errno */
void make_directories(const char *path, mode_t mode);
int unix_listen(const char *path);
int unix_connect(const char *path, int type); /* -1 and errno */
int send_with_descriptors(int socket, const void *bytes, size_t length, const int *fds, int count); /* -1 and errno */

/* cmdline.c: as much of the command line as the launcher needs; all checking of what is the sandbox's is done in Java */
enum { LIST_MAX = 256 };
struct list {
    const char *values[LIST_MAX];
    int count;
};

enum network { NETWORK_AS_TOLD, NETWORK_HOST, NETWORK_NONE };

struct cmdline {
    const char *command;        /* "do", "create", ... or "" */
    int for_java;               /* the gvj tool answers: help, version, commands that are not ours */
    char **words;               /* what follows the command's options */
    int word_count;
    /* before the command */
    const char *state_root;     /* where containers have their directories */
    const char *debug_log;      /* pattern or directory, or NULL */
    const char *rootless;       /* "true", "false", "auto" */
    const char *overlay;        /* --overlay2, or NULL */
    enum network network;
    /* create, run, exec */
    const char *id, *bundle, *console_socket, *pid_file;
    int preserve_fds, detach, keep;
    /* exec */
    const char *process_file, *cwd, *user;
    struct list env, caps, groups;
    int tty, no_new_privs, ignore_paused;
    /* kill, delete */
    int all, force;
    /* update */
    struct list resources;      /* "memory.limit=..." and so on; see update.c */
    const char *resources_file;
    /* do */
    const char *root;
    struct list volumes;        /* SRC:DST[:ro] */
    /* all of it, for Java */
    int argc;
    char **argv;
};

void cmdline_parse(struct cmdline *cmdline, int argc, char **argv);
enum flag_kind { FLAG_UNKNOWN, FLAG_SWITCH, FLAG_VALUE };
enum flag_kind cmdline_flag(const char *name); /* "--debug": what kind of flag that is before the command */

/* config.c: puts the flags of the configuration file before all others; fails with its name and line */
struct toml;
struct flags {
    char **values; /* "--name=value" */
    int count;
};
void config_expand(int *argc, char ***argv);
char *config_read(const char *path); /* a configuration file's text */
void config_flag(struct flags *flags, const struct toml *toml, const char *name, const char *value); /* one entry of [flags] */
void flags_add(struct flags *flags, char *flag);

/* install.c: where this program is installed */
enum aot { AOT_AUTO, AOT_REQUIRED, AOT_OFF, AOT_TRAIN };
extern enum aot aot;
const char *install_path(const char *relative); /* allocated */

/* jvm.c */
struct jvm {
    const char *name;        /* "Sentry" or "gofer": also names the AOT cache */
    const char *main_class;
    const char *const *options;
    const char *const *jars;       /* of boot classes */
    const char *const *class_path; /* jars for what needs a class loader */
    const struct jail *jail; /* NULL: as its caller */
};
extern const struct jvm jvm_sentry, jvm_gofer, jvm_tool, jvm_shim;
extern const char *probe; /* NULL, or "Sentry:" or "gofer:" and a forbidden call that it tries (gvj.host.Seccomp) */
noreturn void jvm_exec(const struct jvm *jvm, char *const arguments[]);

/* jail.c: what a JVM gives up before it starts */
struct jail {
    int nobody;            /* runs as user 65534, in a user namespace unless it keeps a capability */
    int own_network;       /* gets a network namespace with nothing in it; else it is in the launcher's */
    uint64_t capabilities; /* that stay, as bits; CAP_NET_RAW for a Sentry that may open raw sockets of the host */
    const struct id_maps *maps; /* runs as the root of a user namespace with them, or NULL; see idmaps.h */
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

/* child.c */
struct child {
    const struct jvm *jvm;
    pid_t pid;    /* 0: not running */
    int status;   /* of waitpid once it has ended */
};
/* Starts a JVM with fds[] (each >= 3) inherited under their own numbers. input and output become fds 0 and 1. */
void child_start(struct child *child, const struct jvm *jvm, char *const arguments[], const int *fds, int count,
                 int input, int output, int error);
/*
 * A pipe is opened anew, under the same number, so that O_NONBLOCK is the Sentry's alone and not its starter's too. Where
 * that is refused the Sentry polls. Inside the jail nobody could open it.
 */
void own_pipe(int fd);
void child_kill(struct child *child);              /* child_wait reaps it */
void child_wait(struct child *child);
const char *child_describe(const struct child *child); /* "died of signal 9 (Killed)" */

/* boot.c: the message that tells the Sentry's runtime how it was called */
struct boot {
    int control, log, listen;           /* descriptors; -1 for what there is not */
    int kvm;                            /* ... and -errno for one that could not be opened */
    int channels[CHANNELS];
    int stdio[DESCRIPTORS_MAX];         /* what becomes the program's 0, 1, 2 and on */
    int stdio_count;
    int terminal;                       /* the terminal behind stdio[0], -1 without one */
    int gated;                          /* the program waits for CONTROL_START */
    const char *config;                 /* bytes of config.json */
    size_t config_length;
    uint64_t memory_limit;              /* bytes that everything in the sandbox may have; 0: all of this machine's */
    uint32_t cpus;                      /* how many it could keep busy; 0: all */
};
int boot_message(const struct cmdline *cmdline, const struct boot *boot);

/* terminal.c */
int terminal_present(void);
void terminal_size(int fd, uint32_t *rows, uint32_t *columns);
void terminal_raw(void);     /* if fd 0 is a terminal and we are in its foreground */
void terminal_restore(void); /* always safe */

/* signals.c */
int take_signals(void);     /* blocks those that are forwarded; a descriptor to read them from */
void default_signals(void); /* for a child that is not ours */

/* title.c */
char **title_free(int argc, char **argv); /* copies of the arguments: once, at the start */
void title_set(const char *title);        /* arguments and environment were copied before */

/* log.c: opens a --debug-log file for a part ("boot", "gofer"); 2 without the option */
int log_open(const struct cmdline *cmdline, const char *part);

#endif
