/*
 * The systrap platform, the Sentry's half: what its files share.
 *
 *   platform.c  the memory and control files, starting the seed, what the CPU has
 *   helper.c    batches of system calls that a stub's helper thread makes
 *   process.c   stub processes: made from the seed, kept ready, reaped
 *   space.c     address spaces: what the stub has mapped, and changing it
 *   thread.c    threads in stub processes: made, lent to contexts, woken and waited for
 *   context.c   running a context, interrupts
 *   events.c    what brought a thread back
 *   rewrite.c   call sites that jump instead of trapping
 *   fpu.c       XSAVE areas
 *   place.c     which CPU, and whether to poll
 *   jni.c       the Java half's entry points
 *
 * The other half, layout.h, stub.S and seed.c, runs in the stub processes. Nothing that a stub process can write is
 * believed here: each word is read once and checked.
 *
 * Locks, in this order: space->lock, platform->seed_lock, platform->clone_lock, platform->lock. Functions answer 0 or -errno unless they say otherwise.
 */
#ifndef GVJSYSTRAP_H
#define GVJSYSTRAP_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/types.h>

#include "layout.h"

#define PAGE 4096ull
#define GIB (1ull << 30)
#define USER_LIMIT STUB_BASE

#define USER_CS 0x33
#define USER_DS 0x2b

#define RFLAGS_TF 0x100ull
#define RFLAGS_USER 0x254dd5ull /* what an application may change */
#define RFLAGS_FIXED 0x202ull

enum exit_reason { EXIT_SYSCALL, EXIT_FAULT, EXIT_EXCEPTION, EXIT_INTERRUPTED, EXIT_FAILED };

#define FAILURE_BYTES 256
#define FPU_MAX (4096 - FPU)
#define CHILD_BUCKETS 1024

struct platform;
struct process;
struct thread;

/* Where the FPU state of a context is. */
enum fpu_place {
    FPU_HERE,  /* in context.fpu */
    FPU_FRAME, /* in the signal frame on its thread's stack */
    FPU_LIVE   /* in the registers of its thread */
};

/* place.c: what it learned about a context. */
struct place {
    enum { PLACE_NEW, PLACE_POLLING, PLACE_PAIRED } state;
    int cpu;           /* that the stub's thread is to be bound to */
    u32 calls, misses; /* hand-offs in this window, and those for which polling was in vain */
    bool missed;       /* the stub's thread went to sleep before this one */
    u64 ticks;         /* to poll this time */
    u64 inside;        /* ticks that the pair's thread has been away for ... */
    u64 ran_ns;        /* ... since it had this much CPU time ... */
    u64 since;         /* ... which was then, in ticks */
    bool moved;        /* it has left its home, where it made so many calls in a million ticks */
    int home;
    u64 rate;
    u32 stay, penalty; /* times before it tries again */
    u32 attempts;      /* to poll */
    u64 until;         /* when a pair polls again ... */
    u64 backoff_ns;    /* ... after so long */
};

/* The state of one application thread. The first part is read and written by Java (NativeContext has the offsets). */
struct context {
    struct user_regs regs;
    u64 fault_address;           /* 216 */
    u64 error_code;              /* 224 */
    u32 fault_access;            /* 232 */
    u32 vector;                  /* 236 */
    char failure[FAILURE_BYTES]; /* 240 */

    struct platform *platform;
    struct thread *thread;                 /* that it runs on, NULL for none */
    struct aspace *as;                     /* where it ran last */
    _Atomic(struct thread_page *) waiting; /* the page that the Sentry's thread waits on, for interrupts */
    _Atomic u32 interrupted;               /* an interrupt nobody has answered yet */
    bool strayed;                          /* does not answer an interrupt */
    u64 entries;
    enum fpu_place fpu_place;
    u64 fpu_frame;                         /* FPU_FRAME: offset in the area */
    u8 *fpu;                               /* FPU_MAX, 64-byte aligned */
    u64 closed_cpu_ns;                     /* of threads that it has left */
    struct context *next, *previous;       /* of platform->contexts */

    struct place place;
};
_Static_assert(offsetof(struct context, failure) == 240, "NativeContext.FAILURE");

/* A process of the host that is ours to reap: a helper or a thread of the application. */
struct child {
    pid_t pid;
    bool gone;                /* reaped */
    struct process *process;
    struct child *next;       /* of platform->children */
};

/*
 * A thread of a stub process, for one context at a time. To the host it is a process that shares everything with the
 * helper, so that its CPU time can be read from here.
 */
struct thread {
    struct child child;
    struct process *process;
    u64 area;                 /* offset in the control file */
    u64 address;              /* of the area in the stub */
    struct thread_page *page;
    struct context *context;  /* whose it is, NULL if it is idle */
    u64 used_ns;              /* CPU time that it had spent when its context got it */
    struct thread *next;
    int cpu;                  /* that it is bound to, -1 for none */
    _Atomic u32 in_application; /* its context has looked where to go on, and it has not come back yet */
};

/* A stub process: one helper, threads of the application, an address space. */
struct process {
    struct child child;       /* the helper */
    struct platform *platform;
    u64 slot;                 /* offset in the control file of its command page */
    struct command_page *commands;
    u32 seq;                  /* of the last batch */
    u32 queued;               /* commands in the page that are no batch yet */
    u32 noted;                /* the last batch that failed */
    _Atomic u32 failed;       /* a batch failed, and nobody has done anything about it yet */
    _Atomic u32 dead;         /* nothing runs there any more */
    bool dying;               /* one of its children has ended: the others must follow */
    u32 alive;                /* children that are not reaped */
    int status;               /* of waitpid, of the first that ended */
    bool closed;              /* nobody uses it: freed when reaped */
    bool retired;             /* its address space is closed and empty: used again without its threads */
    struct thread *threads;
    u32 thread_count;
    int helper_cpu;
    struct process *next;     /* of platform->ready */
};

struct sites;

/* One application address space: its process, and what is mapped there. */
struct aspace {
    struct platform *platform;
    struct process *process;
    pthread_mutex_t lock;     /* commands, the table, threads */
    _Atomic u32 pending;      /* commands are queued */
    u64 *table;               /* top level: 512 pointers, each level alike; the last has entries, see space.c */
    _Atomic(struct sites *) sites; /* rewrite.c; NULL until the first */
    bool no_rewriting;
    bool gave_way;            /* the application has memory where the table of call sites would be */
};

struct platform {
    int memory_fd, control_fd;
    u64 memory_bytes;
    u8 *memory;               /* the memory file, mapped once more, for reading code */
    u8 *control;              /* the control file, CONTROL_BYTES */
    struct process *seed;
    pthread_t keeper, reaper;

    pthread_mutex_t lock;     /* everything below */
    pthread_cond_t work;      /* for the keeper */
    bool closing;
    struct child *children[CHILD_BUCKETS]; /* by pid */
    struct process *ready;    /* made in advance */
    struct process *retired;  /* only their helpers are left: to be made ready again */
    u32 ready_count, ready_wanted;
    u64 control_next;
    u64 free_control[4];      /* lists of free offsets in the control file, by kind, through their first word */
    struct context *contexts;
    u64 closed_entries;

    pthread_mutex_t seed_lock;  /* making processes */
    pthread_mutex_t clone_lock; /* making processes and threads: the position of the control file */

    u64 xcr0;
    u32 fpu_bytes, mxcsr_mask;
    u64 ticks_per_us;         /* of the TSC */
    cpu_set_t all_cpus;
    _Atomic u32 running;      /* contexts inside ctx_run */
    int cpus;
    bool rewriting;
    u64 round_trip_ns;        /* not measured: 0 */
    char description[FAILURE_BYTES];
};

/* platform.c */
struct platform *platform_open(int memory_fd, u64 memory_bytes, const char *stub, bool rewriting, char *failure);
void platform_close(struct platform *p);
/* Zeroed memory of the control file, or ~0 if there is none. */
u64 control_alloc(struct platform *p, int kind);
void control_free(struct platform *p, int kind, u64 offset);
#define CONTROL_SLOT 0
#define CONTROL_AREA 1
#define CONTROL_SITES 2
#define CONTROL_PAGE 3
#define NO_OFFSET (~0ull)
u64 now_ns(void);
u64 ticks(void);

/* helper.c: the caller holds the lock of the process's address space, or nobody else knows the process */
struct command *helper_command(struct process *p); /* the next one of the batch, or NULL if the process is dead */
void helper_submit(struct process *p);
int helper_await(struct process *p);               /* -EIO: a command failed; -ESRCH: the process is dead */
int helper_run(struct process *p);                 /* both */
void helper_call(struct process *p, u64 nr, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f);

/* process.c */
struct process *process_take(struct platform *p);
int process_clone(struct process *p, u64 flags, u64 kind, struct child *child); /* adds what p's helper clones */
void process_kill(struct process *p);
void process_retire(struct process *p); /* nothing of the application's is mapped there */
void process_end(struct process *p);
int processes_start(struct platform *p, const char *stub, char *failure);
void processes_stop(struct platform *p);

/* space.c */
struct aspace *as_open(struct platform *p);
int as_map(struct aspace *as, u64 address, u64 length, u64 offset, int protection);
int as_unmap(struct aspace *as, u64 address, u64 length);
int as_write_protect(struct aspace *as, u64 address, u64 length);
void as_close(struct aspace *as);
bool as_release(struct aspace *as, struct thread *t); /* if something is to be mapped: then t runs behind that */
void as_keep_code(struct aspace *as);
u64 as_entry(struct aspace *as, u64 address);

/* thread.c */
struct thread *thread_take(struct aspace *as, struct context *c);
int thread_make(struct process *p);
void thread_leave(struct thread *t);     /* its context has another, or none */
u64 thread_cpu_ns(struct thread *t);
void thread_kick(struct thread *t);
void threads_detach(struct process *p); /* contexts forget the threads of p */

/* context.c */
static inline bool is_ours(u32 turn)
{
    return (turn & TURN_MASK) != TURN_STUB && (turn & TURN_MASK) != TURN_RELEASE;
}
struct context *ctx_open(struct platform *p);
void ctx_close(struct context *c);
int ctx_run(struct context *c, struct aspace *as);
void ctx_interrupt(struct context *c);
u64 ctx_cpu_ns(struct context *c); /* CPU time of the application's own */
void ctx_fail(struct context *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
int ctx_wait(struct context *c, bool kick); /* until it is the Sentry's turn; -ESRCH */
void ctx_go(struct context *c);

/* events.c */
int event_meaning(struct context *c);

/* fpu.c */
int fpu_setup(struct platform *p, char *failure);
void fpu_reset(struct context *c);
int fpu_pull(struct context *c); /* to context.fpu */
int fpu_save(struct context *c, void *to);
int fpu_load(struct context *c, const void *from);

/* host calls */
long host_futex_wait(const void *word, u32 value, u64 timeout_ns); /* 0: no limit */
long host_futex_wake(const void *word, u32 whom);                  /* WAITER_*: one of them */

#endif
