/* futex(2): wait, wake, bitsets, requeue, wake_op, PI, robust lists. */
#include "guest.h"
#include <linux/futex.h>
#include <pthread.h>

static long futex(volatile void *word, int op, unsigned val, void *timeout, void *word2, unsigned val3) {
    return syscall(SYS_futex, word, op, val, timeout, word2, val3);
}

static volatile int word, word2, waiting, woken;

static pthread_t start(void *(*run)(void *), void *arg) {
    pthread_t t;
    MUST(pthread_create(&t, NULL, run, arg) == 0);
    return t;
}

/* Waits for COUNT threads that announced themselves to be asleep in the kernel. */
static void settle(int count) {
    CHECK(UNTIL(__atomic_load_n(&waiting, __ATOMIC_SEQ_CST) == count));
    nap(60);
}

static void *wait_word(void *arg GUEST_UNUSED) {
    __atomic_add_fetch(&waiting, 1, __ATOMIC_SEQ_CST);
    if (futex(&word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0) == 0)
        __atomic_add_fetch(&woken, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

TEST(wait_value_differs) {
    word = 1;
    CHECK_ERRNO(futex(&word, FUTEX_WAIT, 0, NULL, NULL, 0), EAGAIN);
    CHECK_ERRNO(futex(&word, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0), EAGAIN);
    CHECK_EQ(futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0), 0);
}

TEST(bad_arguments) {
    struct timespec bad = {0, 1000000000}, negative = {-1, 0};
    CHECK_ERRNO(futex((char *)&word + 1, FUTEX_WAIT, 0, NULL, NULL, 0), EINVAL);
    CHECK_ERRNO(futex((void *)8, FUTEX_WAIT, 0, NULL, NULL, 0), EFAULT);
    CHECK_ERRNO(futex((void *)8, FUTEX_WAKE, 1, NULL, NULL, 0), EFAULT);
    CHECK_EQ(futex((void *)8, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0), 0);
    CHECK_ERRNO(futex(&word, FUTEX_WAIT, 0, &bad, NULL, 0), EINVAL);
    CHECK_ERRNO(futex(&word, FUTEX_WAIT, 0, &negative, NULL, 0), EINVAL);
    CHECK_ERRNO(futex(&word, FUTEX_WAIT, 0, (void *)8, NULL, 0), EFAULT);
    CHECK_ERRNO(futex(&word, 99, 0, NULL, NULL, 0), ENOSYS);
    CHECK_ERRNO(futex(&word, FUTEX_WAIT_BITSET, 0, NULL, NULL, 0), EINVAL);
    CHECK_ERRNO(futex(&word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0), EINVAL);
    CHECK_ERRNO(futex(&word, FUTEX_REQUEUE, -1, NULL, (void *)&word2, 0), EINVAL);
    CHECK_ERRNO(futex(&word, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 1, NULL, NULL, 0), ENOSYS);
}

TEST(timeouts) {
    struct timespec t = {0, 20000000};
    word = 0;
    long long before = now_ms();
    CHECK_ERRNO(futex(&word, FUTEX_WAIT, 0, &t, NULL, 0), ETIMEDOUT);
    CHECK(now_ms() - before >= 19);
    clock_gettime(CLOCK_MONOTONIC, &t);
    CHECK_ERRNO(futex(&word, FUTEX_WAIT_BITSET, 0, &t, NULL, ~0u), ETIMEDOUT);
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_sec -= 1;
    CHECK_ERRNO(futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &t, NULL, ~0u), ETIMEDOUT);
    t = (struct timespec){0, 0};
    CHECK_ERRNO(futex(&word, FUTEX_WAIT, 0, &t, NULL, 0), ETIMEDOUT);
}

TEST(wake_counts) {
    pthread_t t[4];
    word = 0;
    for (int i = 0; i < 4; i++)
        t[i] = start(wait_word, NULL);
    settle(4);
    CHECK_EQ(futex(&word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0), 1);
    CHECK(UNTIL(woken == 1));
    CHECK_EQ(futex(&word, FUTEX_WAKE_PRIVATE, 2, NULL, NULL, 0), 2);
    CHECK(UNTIL(woken == 3));
    CHECK_EQ(futex(&word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0), 1);
    for (int i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
    CHECK_EQ(woken, 4);
    CHECK_EQ(futex(&word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0), 0);
}

TEST(private_and_shared_do_not_meet) {
    word = 0;
    pthread_t t = start(wait_word, NULL);
    settle(1);
    CHECK_EQ(futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0), 0);
    CHECK_EQ(futex(&word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0), 1);
    pthread_join(t, NULL);
}

static void *wait_bits(void *arg) {
    __atomic_add_fetch(&waiting, 1, __ATOMIC_SEQ_CST);
    CHECK_EQ(futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, NULL, NULL, (unsigned)(long)arg), 0);
    return NULL;
}

TEST(bitsets) {
    word = 0;
    pthread_t a = start(wait_bits, (void *)1), b = start(wait_bits, (void *)6);
    settle(2);
    CHECK_EQ(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 10, NULL, NULL, 8), 0);
    CHECK_EQ(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 10, NULL, NULL, 4), 1);
    pthread_join(b, NULL);
    CHECK_EQ(futex(&word, FUTEX_WAKE_PRIVATE, 10, NULL, NULL, 0), 1);
    pthread_join(a, NULL);
}

TEST(requeue) {
    pthread_t t[4];
    word = word2 = 0;
    for (int i = 0; i < 4; i++)
        t[i] = start(wait_word, NULL);
    settle(4);
    CHECK_ERRNO(futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)10L, (void *)&word2, 5), EAGAIN);
    CHECK_EQ(futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)2L, (void *)&word2, 0), 3); /* woken and moved */
    CHECK(UNTIL(woken == 1));
    CHECK_EQ(futex(&word2, FUTEX_WAKE_PRIVATE, 10, NULL, NULL, 0), 2);
    CHECK_EQ(futex(&word, FUTEX_REQUEUE_PRIVATE, 0, (void *)10L, (void *)&word2, 0), 1);
    CHECK_EQ(futex(&word, FUTEX_WAKE_PRIVATE, 10, NULL, NULL, 0), 0);
    CHECK_EQ(futex(&word2, FUTEX_WAKE_PRIVATE, 10, NULL, NULL, 0), 1);
    for (int i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
    CHECK_EQ(woken, 4);
}

static void *wait_word2(void *arg GUEST_UNUSED) {
    __atomic_add_fetch(&waiting, 1, __ATOMIC_SEQ_CST);
    CHECK_EQ(futex(&word2, FUTEX_WAIT_PRIVATE, 7, NULL, NULL, 0), 0);
    return NULL;
}

TEST(wake_op) {
    word = 0;
    word2 = 7;
    pthread_t a = start(wait_word, NULL), b = start(wait_word2, NULL);
    settle(2);
    /* word2 += 3, and its waiters wake because it was 7 */
    unsigned op = FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 7);
    CHECK_EQ(futex(&word, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1L, (void *)&word2, op), 2);
    CHECK_EQ(word2, 10);
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    op = FUTEX_OP(FUTEX_OP_ANDN, 2, FUTEX_OP_CMP_GT, 100);
    CHECK_EQ(futex(&word, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1L, (void *)&word2, op), 0);
    CHECK_EQ(word2, 8);
    op = FUTEX_OP(FUTEX_OP_XOR, 9, FUTEX_OP_CMP_NE, 0);
    CHECK_EQ(futex(&word, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1L, (void *)&word2, op), 0);
    CHECK_EQ(word2, 1);
    op = FUTEX_OP((FUTEX_OP_OR | FUTEX_OP_OPARG_SHIFT), 5, FUTEX_OP_CMP_LT, 0);
    CHECK_EQ(futex(&word, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1L, (void *)&word2, op), 0);
    CHECK_EQ(word2, 33);
    op = FUTEX_OP(FUTEX_OP_SET, 4, 9, 0);
    CHECK_ERRNO(futex(&word, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1L, (void *)&word2, op), ENOSYS);
}

TEST(shared_between_processes) {
    int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid = FORK();
    if (pid == 0) {
        shared[1] = 1;
        while (shared[0] == 0)
            if (futex(shared, FUTEX_WAIT, 0, NULL, NULL, 0) != 0)
                CHECK(errno == EAGAIN || errno == EINTR);
        DONE();
    }
    CHECK(UNTIL(*(volatile int *)&shared[1] == 1));
    nap(30);
    CHECK_EQ(futex(shared, FUTEX_WAKE, 10, NULL, NULL, 0), 1);
    shared[0] = 1;
    futex(shared, FUTEX_WAKE, 10, NULL, NULL, 0);
    CHECK_EXIT(pid, 0);
}

TEST(shared_through_two_file_mappings) {
    int fd = open("f", O_RDWR | O_CREAT, 0644);
    CHECK_EQ(ftruncate(fd, 8192), 0);
    char *a = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    pid_t pid = FORK();
    if (pid == 0) {
        char *b = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 4096);
        CHECK_EQ(futex(b + 8, FUTEX_WAIT, 0, NULL, NULL, 0), 0);
        DONE();
    }
    CHECK(UNTIL(futex(a + 4096 + 8, FUTEX_WAKE, 1, NULL, NULL, 0) == 1));
    CHECK_EXIT(pid, 0);
}

static void nothing(int sig GUEST_UNUSED) {
}

TEST(interrupted) {
    struct itimerval tick = {{0, 30000}, {0, 30000}};
    struct timespec t = {10, 0};
    word = 0;
    on(SIGALRM, nothing, 0);
    setitimer(ITIMER_REAL, &tick, NULL);
    CHECK_ERRNO(futex(&word, FUTEX_WAIT, 0, NULL, NULL, 0), EINTR);
    CHECK_ERRNO(futex(&word, FUTEX_WAIT, 0, &t, NULL, 0), EINTR);
    t = (struct timespec){0, 200000000};
    on(SIGALRM, nothing, SA_RESTART);
    CHECK_ERRNO(futex(&word, FUTEX_WAIT, 0, &t, NULL, 0), EINTR); /* a timed wait is not restarted over a handler */
}

static volatile int pi;
static void *take_pi(void *arg GUEST_UNUSED) {
    __atomic_add_fetch(&waiting, 1, __ATOMIC_SEQ_CST);
    CHECK_EQ(futex(&pi, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0), 0);
    CHECK_EQ(pi & FUTEX_TID_MASK, syscall(SYS_gettid));
    woken = 1;
    CHECK_EQ(futex(&pi, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0), 0);
    return NULL;
}

TEST(pi_lock_and_unlock) {
    pi = 0;
    CHECK_EQ(futex(&pi, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0), 0);
    CHECK_EQ(pi, getpid());
    CHECK_ERRNO(futex(&pi, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0), EDEADLK);
    pthread_t t = start(take_pi, NULL);
    settle(1);
    CHECK(UNTIL((unsigned)pi == ((unsigned)getpid() | FUTEX_WAITERS)));
    CHECK_EQ(woken, 0);
    CHECK_EQ(futex(&pi, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0), 0);
    pthread_join(t, NULL);
    CHECK_EQ(woken, 1);
    CHECK_EQ(pi, 0);
    pi = 1;
    CHECK_ERRNO(futex(&pi, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0), EPERM);
    pi = 99999999;
    CHECK_ERRNO(futex(&pi, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0), ESRCH);
}

static void *hold_pi(void *arg) {
    CHECK_EQ(futex(&pi, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0), 0);
    waiting = 1;
    while (!*(volatile int *)arg)
        nap(2);
    CHECK_EQ(futex(&pi, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0), 0);
    return NULL;
}

TEST(pi_trylock_and_timeout) {
    struct timespec t;
    volatile int release = 0;
    pi = 0;
    pthread_t holder = start(hold_pi, (void *)&release);
    CHECK(UNTIL(waiting == 1));
    CHECK_ERRNO(futex(&pi, FUTEX_TRYLOCK_PI_PRIVATE, 0, NULL, NULL, 0), EAGAIN);
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_sec += t.tv_nsec / 950000000;
    t.tv_nsec = (t.tv_nsec + 50000000) % 1000000000;
    CHECK_ERRNO(futex(&pi, FUTEX_LOCK_PI_PRIVATE, 0, &t, NULL, 0), ETIMEDOUT);
    release = 1;
    pthread_join(holder, NULL);
    CHECK_EQ(futex(&pi, FUTEX_TRYLOCK_PI_PRIVATE, 0, NULL, NULL, 0), 0);
    CHECK_EQ(futex(&pi, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0), 0);
}

static pthread_mutex_t robust;
static void *die_with_lock(void *arg GUEST_UNUSED) {
    pthread_mutex_lock(&robust);
    return NULL;
}

TEST(robust_mutex_of_a_thread) {
    pthread_mutexattr_t attr;
    pthread_mutexattr_init(&attr);
    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&robust, &attr);
    pthread_join(start(die_with_lock, NULL), NULL);
    CHECK_EQ(pthread_mutex_lock(&robust), EOWNERDEAD);
    CHECK_EQ(pthread_mutex_consistent(&robust), 0);
    CHECK_EQ(pthread_mutex_unlock(&robust), 0);
    CHECK_EQ(pthread_mutex_lock(&robust), 0);
    CHECK_EQ(pthread_mutex_unlock(&robust), 0);
}

TEST(robust_mutex_of_a_killed_process) {
    pthread_mutexattr_t attr;
    struct {
        pthread_mutex_t mutex;
        int held;
    } volatile *s = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_mutex_t *m = (pthread_mutex_t *)&s->mutex;
    pthread_mutexattr_init(&attr);
    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
    pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(m, &attr);
    pid_t pid = FORK();
    if (pid == 0) {
        pthread_mutex_lock(m);
        s->held = 1;
        pause();
        DONE();
    }
    CHECK(UNTIL(s->held == 1));
    pid_t waiter = FORK();
    if (waiter == 0) {
        CHECK_EQ(pthread_mutex_lock(m), EOWNERDEAD); /* blocked at the time of death */
        CHECK_EQ(pthread_mutex_unlock(m), 0);        /* not made consistent */
        DONE();
    }
    nap(30);
    kill(pid, SIGKILL);
    CHECK_KILLED(pid, SIGKILL);
    CHECK_EXIT(waiter, 0);
    CHECK_EQ(pthread_mutex_lock(m), ENOTRECOVERABLE);
}

TEST(robust_list_calls) {
    struct robust_list_head *head = NULL, mine = {.list = {.next = &mine.list}};
    size_t length = 0;
    CHECK_EQ(syscall(SYS_set_robust_list, &mine, sizeof mine), 0);
    CHECK_EQ(syscall(SYS_get_robust_list, 0, &head, &length), 0);
    CHECK(head == &mine);
    CHECK_EQ(length, sizeof mine);
    CHECK_ERRNO(syscall(SYS_set_robust_list, &mine, 12), EINVAL);
    CHECK_ERRNO(syscall(SYS_get_robust_list, 99999999, &head, &length), ESRCH);
    CHECK_ERRNO(syscall(SYS_get_robust_list, 0, 8, &length), EFAULT);
}

TEST(pi_mutex_of_glibc) {
    pthread_mutexattr_t attr;
    pthread_mutex_t m;
    pthread_mutexattr_init(&attr);
    pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT);
    pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK);
    CHECK_EQ(pthread_mutex_init(&m, &attr), 0);
    CHECK_EQ(pthread_mutex_lock(&m), 0);
    CHECK_EQ(pthread_mutex_lock(&m), EDEADLK);
    CHECK_EQ(pthread_mutex_unlock(&m), 0);
    CHECK_EQ(pthread_mutex_unlock(&m), EPERM);
}
