/* Threads: creation, identity, what is shared, thread-local storage, exit and execve with several threads. */
#include "guest.h"
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>

static pid_t tid_of_self(void) {
    return syscall(SYS_gettid);
}

static void *return_argument(void *arg) {
    return arg;
}

static void *sleep_forever(void *arg) {
    if (arg)
        __atomic_add_fetch((int *)arg, 1, __ATOMIC_SEQ_CST);
    for (;;)
        pause();
    return NULL;
}

static pthread_t start(void *(*run)(void *), void *arg) {
    pthread_t t;
    MUST(pthread_create(&t, NULL, run, arg) == 0);
    return t;
}

TEST(create_and_join) {
    void *ret;
    for (long i = 0; i < 50; i++) {
        pthread_t t = start(return_argument, (void *)i);
        CHECK_EQ(pthread_join(t, &ret), 0);
        CHECK_EQ((long)ret, i);
    }
}

static void *store_ids(void *arg) {
    pid_t *ids = arg;
    ids[0] = getpid();
    ids[1] = tid_of_self();
    ids[2] = getppid();
    return NULL;
}

TEST(identity) {
    pid_t ids[3];
    pthread_t t = start(store_ids, ids);
    pthread_join(t, NULL);
    CHECK_EQ(ids[0], getpid());
    CHECK(ids[1] != getpid() && ids[1] > 0);
    CHECK_EQ(ids[2], getppid());
}

static long counter;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static void *count_locked(void *arg) {
    for (long i = 0; i < (long)arg; i++) {
        pthread_mutex_lock(&mutex);
        counter++;
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

TEST(mutex_contention) {
    pthread_t t[4];
    counter = 0;
    for (int i = 0; i < 4; i++)
        t[i] = start(count_locked, (void *)5000);
    for (int i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
    CHECK_EQ(counter, 20000);
}

static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int turn;
static void *ping(void *arg) {
    int me = (int)(long)arg;
    for (int i = 0; i < 200; i++) {
        pthread_mutex_lock(&mutex);
        while (turn != me)
            pthread_cond_wait(&cond, &mutex);
        turn = !me;
        pthread_cond_broadcast(&cond);
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

TEST(condition_ping_pong) {
    turn = 0;
    pthread_t a = start(ping, (void *)0), b = start(ping, (void *)1);
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    CHECK_EQ(turn, 0);
}

TEST(condition_timeout) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_nsec += 20000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&mutex);
    CHECK_EQ(pthread_cond_timedwait(&cond, &mutex, &t), ETIMEDOUT);
    pthread_mutex_unlock(&mutex);
}

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static long rw_a, rw_b;
static void *rw_user(void *arg) {
    for (int i = 0; i < 500; i++) {
        if (arg) {
            pthread_rwlock_wrlock(&rwlock);
            rw_a++;
            rw_b++;
        } else {
            pthread_rwlock_rdlock(&rwlock);
            CHECK(rw_a == rw_b);
        }
        pthread_rwlock_unlock(&rwlock);
    }
    return NULL;
}

TEST(rwlock) {
    pthread_t t[4];
    for (long i = 0; i < 4; i++)
        t[i] = start(rw_user, (void *)(i & 1));
    for (int i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
    CHECK_EQ(rw_a, 1000);
}

static pthread_barrier_t barrier;
static void *wait_barrier(void *arg GUEST_UNUSED) {
    long serial = 0;
    for (int i = 0; i < 20; i++)
        serial += pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD;
    return (void *)serial;
}

TEST(barrier_rounds) {
    pthread_t t[5];
    long serial = 0;
    void *ret;
    pthread_barrier_init(&barrier, NULL, 5);
    for (int i = 0; i < 5; i++)
        t[i] = start(wait_barrier, NULL);
    for (int i = 0; i < 5; i++) {
        pthread_join(t[i], &ret);
        serial += (long)ret;
    }
    CHECK_EQ(serial, 20);
}

static __thread int tls = 5;
static void *use_tls(void *arg) {
    CHECK_EQ(tls, 5);
    tls = (int)(long)arg;
    nap(5);
    return (void *)(long)tls;
}

TEST(thread_local_storage) {
    pthread_t t[8];
    void *ret;
    for (long i = 0; i < 8; i++)
        t[i] = start(use_tls, (void *)(i + 100));
    for (long i = 0; i < 8; i++) {
        pthread_join(t[i], &ret);
        CHECK_EQ((long)ret, i + 100);
    }
    CHECK_EQ(tls, 5);
}

static void *change_process(void *arg GUEST_UNUSED) {
    CHECK_EQ(chdir("/"), 0);
    umask(077);
    return (void *)(long)dup(1);
}

TEST(shared_files_cwd_umask) {
    char cwd[PATH_MAX];
    void *fd;
    pthread_join(start(change_process, NULL), &fd);
    CHECK_EQ(fcntl((int)(long)fd, F_GETFD), 0);
    CHECK_STR(getcwd(cwd, sizeof cwd), "/");
    CHECK_EQ(umask(0), 077);
}

static void *unshare_fs_files(void *arg GUEST_UNUSED) {
    CHECK_EQ(unshare(CLONE_FS | CLONE_FILES), 0);
    CHECK_EQ(chdir("/"), 0);
    return (void *)(long)fcntl(1, F_DUPFD, 50);
}

TEST(unshare_in_a_thread) {
    char cwd[PATH_MAX], after[PATH_MAX];
    void *fd;
    MUST(getcwd(cwd, sizeof cwd));
    pthread_join(start(unshare_fs_files, NULL), &fd);
    CHECK_EQ((long)fd, 50);
    CHECK_ERRNO(fcntl(50, F_GETFD), EBADF);
    CHECK_STR(getcwd(after, sizeof after), cwd);
}

static void *exit_process(void *arg) {
    exit((int)(long)arg);
}

TEST(exit_from_a_thread_ends_all) {
    pid_t pid = FORK();
    if (pid == 0) {
        start(sleep_forever, NULL);
        start(exit_process, (void *)23);
        sleep_forever(NULL);
    }
    CHECK_EXIT(pid, 23);
}

static void *exit_thread_later(void *arg GUEST_UNUSED) {
    nap(30);
    exit(24);
}

TEST(main_thread_exits_first) {
    pid_t pid = FORK();
    if (pid == 0) {
        start(exit_thread_later, NULL);
        syscall(SYS_exit, 1); /* only this thread */
    }
    nap(5);
    CHECK_EXIT(pid, 24);
    pid = FORK();
    if (pid == 0) {
        pthread_t t = start(return_argument, NULL);
        pthread_join(t, NULL);
        syscall(SYS_exit, 25); /* the last one: its status is the process's */
    }
    CHECK_EXIT(pid, 25);
}

static void *fault(void *arg GUEST_UNUSED) {
    *(volatile int *)8 = 1;
    return NULL;
}

TEST(fault_in_a_thread_kills_the_process) {
    pid_t pid = FORK();
    if (pid == 0) {
        start(fault, NULL);
        sleep_forever(NULL);
    }
    CHECK_KILLED(pid, SIGSEGV);
}

HELPER(count_tasks) {
    int n = 0;
    DIR *dir = opendir("/proc/self/task");
    for (struct dirent *e; dir && (e = readdir(dir));)
        n += e->d_name[0] != '.';
    return n == 1 && getpid() == tid_of_self() && getpid() == atoi(argv[0]) ? 31 : n;
}

static void *exec_here(void *arg GUEST_UNUSED) {
    char pid[20];
    snprintf(pid, sizeof pid, "%d", getpid());
    execv(GUEST_SELF, (char *[]){"self", "@count_tasks", pid, NULL});
    _exit(98);
}

TEST(exec_from_main_kills_others) {
    pid_t pid = FORK();
    if (pid == 0) {
        int up = 0;
        for (int i = 0; i < 5; i++)
            start(sleep_forever, &up);
        UNTIL(up == 5);
        exec_here(NULL);
    }
    CHECK_EXIT(pid, 31);
}

TEST(exec_from_a_thread_takes_the_pid) {
    pid_t pid = FORK();
    if (pid == 0) {
        int up = 0;
        for (int i = 0; i < 5; i++)
            start(sleep_forever, &up);
        UNTIL(up == 5);
        start(exec_here, NULL);
        sleep_forever(NULL);
    }
    CHECK_EXIT(pid, 31);
}

static void *spin(void *arg) {
    __atomic_add_fetch((int *)arg, 1, __ATOMIC_SEQ_CST);
    for (;;)
        __asm__ volatile("pause");
    return NULL;
}

TEST(exit_group_stops_spinning_threads) {
    pid_t pid = FORK();
    if (pid == 0) {
        int up = 0;
        start(spin, &up);
        start(spin, &up);
        UNTIL(up == 2);
        _exit(26);
    }
    CHECK_EXIT(pid, 26);
}

static void *fork_in_thread(void *arg GUEST_UNUSED) {
    int tasks = 0;
    pid_t pid = FORK();
    if (pid == 0) {
        DIR *dir = opendir("/proc/self/task");
        for (struct dirent *e; dir && (e = readdir(dir));)
            tasks += e->d_name[0] != '.';
        CHECK_EQ(tasks, 1);
        CHECK_EQ(getpid(), tid_of_self());
        _exit(27);
    }
    return (void *)(long)pid;
}

TEST(fork_copies_one_thread) {
    void *pid;
    int up = 0;
    start(sleep_forever, &up);
    CHECK(UNTIL(up == 1));
    pthread_join(start(fork_in_thread, NULL), &pid);
    CHECK_EXIT((pid_t)(long)pid, 27); /* any thread may wait for it */
}

static void *wait_child(void *arg) {
    int status;
    pid_t got = waitpid((pid_t)(long)arg, &status, __WNOTHREAD);
    return (void *)(long)(got == -1 ? -errno : got);
}

TEST(wnothread) {
    void *ret;
    pid_t pid = FORK();
    if (pid == 0)
        _exit(1);
    pthread_join(start(wait_child, (void *)(long)pid), &ret);
    CHECK_EQ((long)ret, -ECHILD);
    CHECK_EQ((long)wait_child((void *)(long)pid), pid);
}

TEST(tgkill_and_tkill) {
    CHECK_EQ(syscall(SYS_tgkill, getpid(), tid_of_self(), 0), 0);
    CHECK_ERRNO(syscall(SYS_tgkill, getpid(), 99999999, 0), ESRCH);
    CHECK_ERRNO(syscall(SYS_tgkill, getppid(), tid_of_self(), 0), ESRCH);
    CHECK_ERRNO(syscall(SYS_tgkill, 0, tid_of_self(), 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_tgkill, getpid(), -1, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_tkill, 0, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_tkill, tid_of_self(), 65), EINVAL);
    CHECK_ERRNO(kill(getpid(), 65), EINVAL);
    CHECK_ERRNO(kill(getpid(), -1), EINVAL);
}

static volatile pid_t handled_by;
static void note_thread(int sig GUEST_UNUSED) {
    handled_by = tid_of_self();
}

static void *block_and_wait(void *arg) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    *(volatile pid_t *)arg = tid_of_self();
    nap(100);
    return NULL;
}

TEST(process_signal_goes_to_an_unblocked_thread) {
    volatile pid_t tid = 0;
    on(SIGUSR1, note_thread, 0);
    pthread_t t = start(block_and_wait, (void *)&tid);
    CHECK(UNTIL(tid != 0));
    kill(getpid(), SIGUSR1);
    CHECK(UNTIL(handled_by != 0));
    CHECK_EQ(handled_by, getpid());
    pthread_join(t, NULL);
}

static void *wait_signal(void *arg) {
    *(volatile pid_t *)arg = tid_of_self();
    while (!handled_by)
        pause();
    return NULL;
}

TEST(thread_signal_goes_to_that_thread) {
    volatile pid_t tid = 0;
    on(SIGUSR2, note_thread, 0);
    pthread_t t = start(wait_signal, (void *)&tid);
    CHECK(UNTIL(tid != 0));
    UNTIL(pthread_kill(t, SIGUSR2) == 0 && handled_by != 0);
    CHECK_EQ(handled_by, tid);
    pthread_join(t, NULL);
}

TEST(masks_are_per_thread) {
    sigset_t set, seen;
    volatile pid_t tid = 0;
    pthread_t t = start(block_and_wait, (void *)&tid);
    CHECK(UNTIL(tid != 0));
    pthread_sigmask(SIG_BLOCK, NULL, &seen);
    CHECK_EQ(sigismember(&seen, SIGUSR1), 0);
    pthread_join(t, NULL);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    pid_t pid = FORK();
    if (pid == 0) {
        sigprocmask(SIG_BLOCK, NULL, &seen);
        CHECK_EQ(sigismember(&seen, SIGUSR2), 1);
        DONE();
    }
    CHECK_EXIT(pid, 0);
}

static int cleaned;
static void cleanup(void *arg) {
    cleaned = (int)(long)arg;
}

static void *cancel_me(void *arg) {
    pthread_cleanup_push(cleanup, (void *)9);
    int p[2];
    char c;
    MUST(pipe(p) == 0);
    *(volatile int *)arg = 1;
    if (read(p[0], &c, 1) < 0)
        return NULL;
    pthread_cleanup_pop(0);
    return NULL;
}

TEST(cancellation) {
    volatile int up = 0;
    void *ret;
    pthread_t t = start(cancel_me, (void *)&up);
    CHECK(UNTIL(up == 1));
    CHECK_EQ(pthread_cancel(t), 0);
    CHECK_EQ(pthread_join(t, &ret), 0);
    CHECK(ret == PTHREAD_CANCELED);
    CHECK_EQ(cleaned, 9);
}

TEST(clear_child_tid_wakes) {
    static char stack[65536] __attribute__((aligned(16)));
    static volatile int word = 1;
    extern int clear_tid_child(void *);
    int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_CHILD_CLEARTID |
                CLONE_PARENT_SETTID;
    pid_t tid = 0;
    CHECK(clone(clear_tid_child, stack + sizeof stack, flags, NULL, &tid, NULL, &word) > 0);
    CHECK(tid > 0);
    while (word != 0)
        syscall(SYS_futex, &word, FUTEX_WAIT, 1, NULL, NULL, 0);
    CHECK_EQ(word, 0);
}

int clear_tid_child(void *arg GUEST_UNUSED) {
    syscall(SYS_exit, 0);
    return 0;
}

TEST(set_tid_address) {
    int word = 0;
    CHECK_EQ(syscall(SYS_set_tid_address, &word), getpid());
}

static void *read_comm(void *arg) {
    pthread_setname_np(pthread_self(), "worker");
    *(volatile pid_t *)arg = tid_of_self();
    nap(100);
    return NULL;
}

TEST(thread_names_in_proc) {
    volatile pid_t tid = 0;
    char path[100];
    pthread_t t = start(read_comm, (void *)&tid);
    CHECK(UNTIL(tid != 0));
    snprintf(path, sizeof path, "/proc/self/task/%d/comm", tid);
    CHECK_STR(slurp(path), "worker\n");
    CHECK(strcmp(slurp("/proc/self/comm"), "threads\n") == 0);
    pthread_join(t, NULL);
}

TEST_T(two_hundred_threads, 60) {
    enum { COUNT = 200 };
    pthread_t t[COUNT];
    pthread_attr_t attr;
    int up = 0;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 65536);
    for (int i = 0; i < COUNT; i++)
        MUST(pthread_create(&t[i], &attr, sleep_forever, &up) == 0);
    CHECK(UNTIL(__atomic_load_n(&up, __ATOMIC_SEQ_CST) == COUNT));
}
