/*
 * Stub processes. All are clones of the seed and children of a thread of ours that lives as long as the platform: the
 * parent-death signal ends them with it. The keeper makes some in advance; the reaper notices when one has ended.
 */
#include "gvjsystrap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CLONE_OF_PROCESS 0x00008000u /* as in seed.c */
#define READY 2
#define MORE_READY 4 /* so many more, if they come back from use */

static struct child **bucket(struct platform *platform, pid_t pid)
{
    return &platform->children[(u32)pid % CHILD_BUCKETS];
}

/* platform->lock held */
static void add_child(struct child *child, struct process *p, pid_t pid)
{
    struct child **first = bucket(p->platform, pid);
    *child = (struct child){.pid = pid, .process = p, .next = *first};
    *first = child;
    p->alive++;
    if (p->dying)
        kill(pid, SIGKILL);
}

static struct process *process_new(struct platform *platform)
{
    struct process *p = calloc(1, sizeof *p);
    u64 slot = p != NULL ? control_alloc(platform, CONTROL_SLOT) : ~0ull;
    if (slot == ~0ull) {
        free(p);
        return NULL;
    }
    p->platform = platform;
    p->slot = slot;
    p->commands = (struct command_page *)(platform->control + slot);
    p->commands->done_offset = slot + COMMAND_DONE;
    p->commands->seq = p->seq = 1; /* an empty batch: done when the process has come up */
    p->commands->ok = 1 | 1ull << 32;
    p->commands->sentry = (u32)getpid();
    p->helper_cpu = -1;
    return p;
}

static void free_threads(struct process *p)
{
    for (struct thread *t = p->threads, *next; t != NULL; t = next) {
        next = t->next;
        control_free(p->platform, CONTROL_AREA, t->area);
        free(t);
    }
    p->threads = NULL;
}

static void process_free(struct process *p)
{
    free_threads(p);
    control_free(p->platform, CONTROL_SLOT, p->slot);
    free(p);
}

int process_clone(struct process *p, u64 flags, u64 kind, struct child *child)
{
    struct platform *platform = p->platform;
    pthread_mutex_lock(&platform->clone_lock);
    struct command *command = helper_command(p);
    int rc = -ESRCH;
    if (command != NULL) {
        *command = (struct command){SYS_clone, {flags, 0, 0, 0, 0, 0}, kind};
        rc = helper_run(p);
    }
    if (rc == 0) {
        pid_t pid = (pid_t)lseek(platform->control_fd, 0, SEEK_CUR);
        pthread_mutex_lock(&platform->lock);
        add_child(child, child->process, pid);
        pthread_mutex_unlock(&platform->lock);
    }
    pthread_mutex_unlock(&platform->clone_lock);
    return rc;
}

/* A process with an empty address space and one thread, or NULL. */
static struct process *process_make(struct platform *platform)
{
    struct process *seed = platform->seed, *p = process_new(platform);
    if (p == NULL)
        return NULL;
    pthread_mutex_lock(&platform->seed_lock);
    seed->commands->slot = p->slot;
    p->child.process = p;
    int rc = process_clone(seed, CLONE_OF_PROCESS, KIND_PROCESS, &p->child);
    if (rc == 0)
        rc = helper_await(p); /* until then the child reads the seed's page */
    else
        atomic_store(&seed->failed, 0);
    pthread_mutex_unlock(&platform->seed_lock);
    if (rc == 0)
        rc = thread_make(p);
    if (rc == 0)
        return p;
    process_end(p);
    return NULL;
}

struct process *process_take(struct platform *platform)
{
    pthread_mutex_lock(&platform->lock);
    struct process *p = platform->ready;
    if (p != NULL && !p->dying) {
        platform->ready = p->next;
        platform->ready_count--;
        pthread_cond_signal(&platform->work);
    }
    pthread_mutex_unlock(&platform->lock);
    return p != NULL && !p->dying ? p : process_make(platform); /* the keeper clears a dead one away */
}

/* platform->lock held */
static void kill_threads(struct process *p)
{
    for (struct thread *t = p->threads; t != NULL; t = t->next)
        if (!t->child.gone)
            kill(t->child.pid, SIGKILL);
}

/* platform->lock held */
static void kill_all(struct process *p)
{
    p->dying = true;
    if (p->child.pid != 0 && !p->child.gone)
        kill(p->child.pid, SIGKILL);
    kill_threads(p);
}

void process_kill(struct process *p)
{
    pthread_mutex_lock(&p->platform->lock);
    kill_all(p);
    pthread_mutex_unlock(&p->platform->lock);
}

void process_end(struct process *p)
{
    pthread_mutex_lock(&p->platform->lock);
    bool dead = p->alive == 0;
    p->closed = true;
    kill_all(p);
    pthread_mutex_unlock(&p->platform->lock);
    if (dead)
        process_free(p);
}

/* Once only the helper is left, the keeper gets it: nothing of the application's is in it, nor in its registers. platform->lock
 * held */
static void recycle(struct process *p)
{
    if (!p->retired || p->alive > 1)
        return;
    p->retired = false;
    p->next = p->platform->retired;
    p->platform->retired = p;
    pthread_cond_signal(&p->platform->work);
}

/* Makes a retired process as good as a new one; false if it was ended because it is not wanted, or not as good. */
static bool refresh(struct process *p, bool wanted)
{
    if (!wanted) {
        process_end(p);
        return false;
    }
    helper_call(p, SYS_munmap, STUB_THREADS, MAX_THREADS * (u64)AREA_BYTES, 0, 0, 0, 0); /* others get these areas */
    if (helper_run(p) == 0) {
        free_threads(p);
        p->thread_count = 0;
        if (thread_make(p) == 0)
            return true;
    }
    process_end(p);
    return false;
}

void process_retire(struct process *p)
{
    pthread_mutex_lock(&p->platform->lock);
    bool usable = !p->dying && !p->platform->closing && p->platform->ready_count < READY + MORE_READY;
    if (usable) {
        p->retired = true;
        kill_threads(p);
        recycle(p); /* it may have had none */
    }
    pthread_mutex_unlock(&p->platform->lock);
    if (!usable)
        process_end(p);
}

/* Nothing runs there any more, and whoever waits for it must hear of it. platform->lock held */
static void process_died(struct process *p)
{
    atomic_store(&p->dead, 1);
    atomic_store(&p->commands->done, ~0ull);
    host_futex_wake(&p->commands->done, WAITER_SENTRY);
    for (struct thread *t = p->threads; t != NULL; t = t->next) {
        atomic_store(&t->page->turn, TURN_SENTRY);
        host_futex_wake(&t->page->turn, WAITER_SENTRY);
    }
}

/* There will be no more processes: as when the Sentry or the gofer is killed, nothing of the sandbox stays. */
static void seed_died(int status)
{
    if (WIFSIGNALED(status))
        dprintf(2, "gvj: the host ended the first stub with signal %d (%s)\n", WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        dprintf(2, "gvj: the first stub ended by itself with status %d\n", WEXITSTATUS(status));
    _exit(125);
}

/* A child has ended. Its pid is free for others only from here on, under the lock: nobody signals a stranger. */
static void reap(struct platform *platform, pid_t pid)
{
    int status;
    struct process *finished = NULL;
    pthread_mutex_lock(&platform->lock);
    if (waitpid(pid, &status, __WALL | __WNOTHREAD) == pid) {
        struct child **at = bucket(platform, pid);
        while (*at != NULL && (*at)->pid != pid)
            at = &(*at)->next;
        struct child *child = *at;
        if (child != NULL) {
            struct process *p = child->process;
            *at = child->next;
            child->gone = true;
            if (p == platform->seed && platform->keeper != 0 && !platform->closing)
                seed_died(status);
            if (!p->dying && (!p->retired || child == &p->child)) {
                p->status = status;
                kill_all(p);
            }
            p->alive--;
            recycle(p);
            if (p->alive == 0) {
                process_died(p);
                finished = p->closed ? p : NULL;
            }
        }
    }
    pthread_mutex_unlock(&platform->lock);
    if (finished != NULL)
        process_free(finished);
}

struct start {
    struct platform *platform;
    const char *stub;
    int rc;
    pthread_mutex_t lock;
    pthread_cond_t done;
    bool started;
};

/* In the child of vfork(2): memory is the parent's, so only system calls. */
static void become_seed(struct platform *p, int program)
{
    int memory = fcntl(p->memory_fd, F_DUPFD, 10), control = fcntl(p->control_fd, F_DUPFD, 10);
    program = fcntl(program, F_DUPFD_CLOEXEC, 10);
    if (memory < 0 || control < 0 || program < 0 || dup2(memory, MEMORY_FD) < 0 || dup2(control, CONTROL_FD) < 0)
        _exit(errno);
    personality(ADDR_NO_RANDOMIZE); /* the kernel must not put anything where the stub belongs */
    close(0), close(1), close(2);
    syscall(SYS_close_range, 5, program - 1, 0);
    syscall(SYS_close_range, program + 1, ~0u, 0);
    char *const nothing[] = {NULL};
    syscall(SYS_execveat, program, "", nothing, nothing, 0x1000 /* AT_EMPTY_PATH */);
    _exit(errno);
}

/* The parent of all stub processes. */
static void *reaper_main(void *arg)
{
    struct start *start = arg;
    struct platform *platform = start->platform;
    int program = open(start->stub, O_RDONLY | O_CLOEXEC);
    pid_t pid = -1;
    if (program >= 0) {
        pid = vfork();
        if (pid == 0)
            become_seed(platform, program);
    }
    int error = errno;
    if (program >= 0)
        close(program);
    pthread_mutex_lock(&start->lock);
    start->rc = pid < 0 ? -error : 0;
    if (pid > 0) {
        pthread_mutex_lock(&platform->lock);
        add_child(&platform->seed->child, platform->seed, pid);
        pthread_mutex_unlock(&platform->lock);
    }
    start->started = true;
    pthread_cond_signal(&start->done);
    pthread_mutex_unlock(&start->lock);
    while (pid > 0) {
        siginfo_t ended = {0};
        if (waitid(P_ALL, 0, &ended, WEXITED | WNOWAIT | __WALL | __WNOTHREAD) == 0)
            reap(platform, ended.si_pid);
        else if (errno != EINTR)
            break;
    }
    return NULL;
}

/* Processes that somebody killed while they waited for work. platform->lock held, and let go meanwhile */
static void clear_dead(struct platform *platform)
{
    for (struct process *p = platform->ready; p != NULL && atomic_load(&p->dead); p = platform->ready) {
        platform->ready = p->next;
        platform->ready_count--;
        pthread_mutex_unlock(&platform->lock);
        process_end(p);
        pthread_mutex_lock(&platform->lock);
    }
}

static void *keeper_main(void *arg)
{
    struct platform *platform = arg;
    pthread_mutex_lock(&platform->lock);
    while (!platform->closing) {
        clear_dead(platform);
        struct process *p = platform->retired;
        if (p == NULL && platform->ready_count >= READY) {
            pthread_cond_wait(&platform->work, &platform->lock);
            continue;
        }
        bool wanted = platform->ready_count < READY + MORE_READY;
        if (p != NULL)
            platform->retired = p->next;
        pthread_mutex_unlock(&platform->lock);
        bool ended = p != NULL && !refresh(p, wanted);
        if (p == NULL)
            p = process_make(platform);
        pthread_mutex_lock(&platform->lock);
        if (ended)
            continue;
        if (p != NULL) {
            p->next = platform->ready;
            platform->ready = p;
            platform->ready_count++;
        } else if (!platform->closing) {
            struct timespec soon;
            clock_gettime(CLOCK_REALTIME, &soon);
            soon.tv_sec++; /* the host has no more at the moment */
            pthread_cond_timedwait(&platform->work, &platform->lock, &soon);
        }
    }
    pthread_mutex_unlock(&platform->lock);
    return NULL;
}

int processes_start(struct platform *platform, const char *stub, char *failure)
{
    struct start start = {.platform = platform, .stub = stub, .lock = PTHREAD_MUTEX_INITIALIZER,
                          .done = PTHREAD_COND_INITIALIZER};
    platform->seed = process_new(platform);
    int rc = pthread_create(&platform->reaper, NULL, reaper_main, &start);
    if (rc == 0) {
        pthread_mutex_lock(&start.lock);
        while (!start.started)
            pthread_cond_wait(&start.done, &start.lock);
        pthread_mutex_unlock(&start.lock);
        rc = -start.rc;
    }
    if (rc != 0) {
        snprintf(failure, FAILURE_BYTES, "cannot start %.150s: %s", stub, strerror(rc));
        return -rc;
    }
    rc = helper_await(platform->seed);
    if (rc < 0) {
        int status = platform->seed->status;
        int error = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
        snprintf(failure, FAILURE_BYTES, "the first stub process did not come up: %s%s; systrap needs seccomp filters",
                 error != 0 ? strerror(error) : "it was killed by signal ", error != 0 ? "" : strsignal(WTERMSIG(status)));
        return rc;
    }
    return -pthread_create(&platform->keeper, NULL, keeper_main, platform);
}

void processes_stop(struct platform *platform)
{
    pthread_mutex_lock(&platform->lock);
    platform->closing = true;
    pthread_cond_signal(&platform->work);
    pthread_mutex_unlock(&platform->lock);
    if (platform->keeper != 0)
        pthread_join(platform->keeper, NULL);
    pthread_mutex_lock(&platform->lock);
    for (int i = 0; i < CHILD_BUCKETS; i++)
        for (struct child *child = platform->children[i]; child != NULL; child = child->next) {
            child->process->closed = child->process->dying = true;
            kill(child->pid, SIGKILL);
        }
    pthread_mutex_unlock(&platform->lock);
    if (platform->reaper != 0)
        pthread_join(platform->reaper, NULL);
}
