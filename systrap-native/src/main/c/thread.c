/* Threads of stub processes. A thread belongs to one context at a time and stays with it until the context ends. */
#include "gvjsystrap.h"
#include "rewrite.h"

#include <errno.h>
#include <stdlib.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define CLONE_OF_THREAD 0x00048f00u /* as in seed.c */

/* One more thread, which waits for its first order. The caller holds the lock of the process's address space, if any. */
int thread_make(struct process *p)
{
    struct platform *platform = p->platform;
    if (p->thread_count == MAX_THREADS)
        return -EAGAIN;
    struct thread *t = calloc(1, sizeof *t);
    u64 area = t != NULL ? control_alloc(platform, CONTROL_AREA) : ~0ull;
    if (area == ~0ull) {
        free(t);
        return -ENOMEM;
    }
    *t = (struct thread){.child.process = p, .process = p, .area = area, .address = STUB_THREADS + p->thread_count * (u64)AREA_BYTES,
                         .page = (struct thread_page *)(platform->control + area), .cpu = -1};
    t->page->features = platform->xcr0;
    helper_call(p, SYS_mmap, t->address, AREA_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, CONTROL_FD, area);
    int rc = helper_run(p);
    if (rc < 0)
        atomic_store(&p->failed, 0);
    struct command_page *page = p->commands;
    page->thread_page = t->address;
    page->altstack[0] = t->address + PAGE;
    page->altstack[1] = 0;
    page->altstack[2] = AREA_BYTES - PAGE;
    if (rc == 0)
        rc = process_clone(p, CLONE_OF_THREAD, KIND_THREAD, &t->child);
    if (rc < 0) {
        control_free(platform, CONTROL_AREA, area);
        free(t);
        return rc;
    }
    pthread_mutex_lock(&platform->lock);
    t->next = p->threads;
    p->threads = t;
    p->thread_count++;
    if (p->dying && !t->child.gone)
        kill(t->child.pid, SIGKILL);
    pthread_mutex_unlock(&platform->lock);
    while (atomic_load(&t->page->turn) == TURN_STUB) { /* until then it reads the command page */
        if (atomic_load(&p->dead))
            return -ESRCH;
        atomic_store(&t->page->sentry_sleeps, 1);
        host_futex_wait(&t->page->turn, TURN_STUB, 100000000);
    }
    atomic_store(&t->page->sentry_sleeps, 0);
    return 0;
}

u64 thread_cpu_ns(struct thread *t)
{
    struct timespec now;
    clockid_t clock = ~t->child.pid << 3 | 2; /* of a process, scheduled time: clock_getcpuclockid(3) */
    return clock_gettime(clock, &now) == 0 ? (u64)now.tv_sec * 1000000000ull + (u64)now.tv_nsec : t->used_ns;
}

struct thread *thread_take(struct aspace *as, struct context *c)
{
    struct process *p = as->process;
    pthread_mutex_lock(&as->lock);
    struct thread *t = p->threads;
    while (t != NULL && t->context != NULL)
        t = t->next;
    if (t == NULL) {
        as_finish(as); /* a mapping that the host refuses is not to be taken for the thread's */
        if (thread_make(p) == 0)
            t = p->threads;
    }
    if (t != NULL) {
        t->context = c;
        t->used_ns = thread_cpu_ns(t);
    }
    pthread_mutex_unlock(&as->lock);
    return t;
}

void thread_kick(struct thread *t)
{
    pthread_mutex_lock(&t->process->platform->lock);
    if (!t->child.gone)
        kill(t->child.pid, KICK_SIGNAL);
    pthread_mutex_unlock(&t->process->platform->lock);
}

/* platform->lock held */
void thread_leave(struct thread *t)
{
    t->context->closed_cpu_ns += thread_cpu_ns(t) - t->used_ns;
    t->context->thread = NULL;
    t->context = NULL;
}

void threads_detach(struct process *p)
{
    pthread_mutex_lock(&p->platform->lock);
    for (struct thread *t = p->threads; t != NULL; t = t->next) {
        struct context *c = t->context;
        if (c == NULL)
            continue;
        if (c->fpu_place == FPU_LIVE)
            fpu_reset(c); /* its address space is gone: what follows is an execve or its end */
        else
            fpu_pull(c);
        thread_leave(t);
    }
    pthread_mutex_unlock(&p->platform->lock);
}
