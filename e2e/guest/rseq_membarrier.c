/* rseq and membarrier. */
#include "guest.h"
#include <linux/membarrier.h>
#include <linux/rseq.h>
#include <sys/auxv.h>
#include <sys/rseq.h>

TEST(glibc_registers_rseq) {
    struct rseq *r = (void *)((char *)__builtin_thread_pointer() + __rseq_offset);
    CHECK(__rseq_size >= 20);
    CHECK((int)r->cpu_id >= 0);
    CHECK_EQ(r->cpu_id_start, r->cpu_id);
    unsigned cpu = -1;
    CHECK(UNTIL(syscall(SYS_getcpu, &cpu, NULL, NULL) == 0 && cpu == r->cpu_id));
}

TEST(rseq_errors) {
    static struct rseq mine __attribute__((aligned(32)));
    struct rseq *r = (void *)((char *)__builtin_thread_pointer() + __rseq_offset);
    CHECK_ERRNO(syscall(SYS_rseq, &mine, 32, 0, RSEQ_SIG), EINVAL); /* another one is registered */
    CHECK_ERRNO(syscall(SYS_rseq, r, 32, 0, RSEQ_SIG), EBUSY);
    CHECK_ERRNO(syscall(SYS_rseq, r, 32, 0, RSEQ_SIG + 1), EPERM);
    CHECK_ERRNO(syscall(SYS_rseq, r, 32, 4, RSEQ_SIG), EINVAL);
    CHECK_EQ(syscall(SYS_rseq, r, 32, RSEQ_FLAG_UNREGISTER, RSEQ_SIG), 0);
    CHECK_ERRNO(syscall(SYS_rseq, r, 32, RSEQ_FLAG_UNREGISTER, RSEQ_SIG), EINVAL);
    CHECK_EQ(syscall(SYS_rseq, &mine, 32, 0, RSEQ_SIG), 0);
    CHECK(UNTIL((int)*(volatile unsigned *)&mine.cpu_id >= 0));
}

TEST(rseq_over_fork) {
    struct rseq *r = (void *)((char *)__builtin_thread_pointer() + __rseq_offset);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_ERRNO(syscall(SYS_rseq, r, 32, 0, RSEQ_SIG), EBUSY); /* kept by fork */
        DONE();
    }
    CHECK_EXIT(pid, 0);
}

TEST(membarrier_commands) {
    int commands = syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0);
    CHECK(commands & MEMBARRIER_CMD_PRIVATE_EXPEDITED);
    CHECK(commands & MEMBARRIER_CMD_GLOBAL);
    CHECK_ERRNO(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0), EPERM); /* not registered */
    CHECK_EQ(syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0), 0);
    CHECK_EQ(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0), 0);
    CHECK_EQ(syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0), 0);
    CHECK_ERRNO(syscall(SYS_membarrier, 0x40000000, 0, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 8, 0), EINVAL);
}
