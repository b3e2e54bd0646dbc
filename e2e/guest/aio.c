/* Kernel asynchronous I/O (io_setup and friends). */
#include "guest.h"
#include <linux/aio_abi.h>
#include <poll.h>
#include <sys/eventfd.h>

static aio_context_t context;

static long submit(struct iocb *cb) {
    return syscall(SYS_io_submit, context, 1, &cb);
}

static struct iocb request(int fd, int opcode, void *buf, size_t len, long long offset) {
    return (struct iocb){.aio_fildes = fd, .aio_lio_opcode = opcode, .aio_buf = (uintptr_t)buf, .aio_nbytes = len,
                         .aio_offset = offset, .aio_data = 0x55};
}

TEST(write_and_read) {
    char buf[10] = "";
    struct io_event e = {0};
    struct timespec t = {5, 0};
    int fd = open("f", O_CREAT | O_RDWR, 0644);
    CHECK_EQ(syscall(SYS_io_setup, 8, &context), 0);
    struct iocb w = request(fd, IOCB_CMD_PWRITE, "hello", 5, 3);
    CHECK_EQ(submit(&w), 1);
    CHECK_EQ(syscall(SYS_io_getevents, context, 1, 1, &e, &t), 1);
    CHECK_EQ(e.res, 5);
    CHECK_EQ(e.data, 0x55);
    CHECK_EQ(e.obj, (uintptr_t)&w);
    struct iocb r = request(fd, IOCB_CMD_PREAD, buf, 10, 3);
    CHECK_EQ(submit(&r), 1);
    CHECK_EQ(syscall(SYS_io_getevents, context, 1, 8, &e, &t), 1);
    CHECK_EQ(e.res, 5);
    CHECK_STR(buf, "hello");
    t = (struct timespec){0, 10000000};
    CHECK_EQ(syscall(SYS_io_getevents, context, 1, 8, &e, &t), 0);
    CHECK_EQ(syscall(SYS_io_destroy, context), 0);
    CHECK_ERRNO(syscall(SYS_io_destroy, context), EINVAL);
}

TEST(eventfd_tells) {
    uint64_t n = 0;
    char buf[10];
    int fd = open("f", O_CREAT | O_RDWR, 0644), ev = eventfd(0, 0);
    CHECK_EQ(syscall(SYS_io_setup, 8, &context), 0);
    struct iocb r = request(fd, IOCB_CMD_PREAD, buf, 10, 0);
    r.aio_flags = IOCB_FLAG_RESFD;
    r.aio_resfd = ev;
    CHECK_EQ(submit(&r), 1);
    CHECK_EQ(read(ev, &n, 8), 8);
    CHECK_EQ(n, 1);
}

TEST(errors) {
    struct iocb *none = NULL;
    struct io_event e;
    aio_context_t c = 1;
    CHECK_ERRNO(syscall(SYS_io_setup, 8, &c), EINVAL);
    c = 0;
    CHECK_ERRNO(syscall(SYS_io_setup, 0, &c), EINVAL);
    CHECK_ERRNO(syscall(SYS_io_setup, 8, 8), EFAULT);
    CHECK_EQ(syscall(SYS_io_setup, 8, &context), 0);
    CHECK_EQ(syscall(SYS_io_submit, context, 0, NULL), 0);
    CHECK_ERRNO(syscall(SYS_io_submit, context, -1L, NULL), EINVAL);
    CHECK_ERRNO(syscall(SYS_io_submit, context, 1, &none), EFAULT);
    CHECK_ERRNO(syscall(SYS_io_submit, 12345, 1, &none), EINVAL);
    struct iocb bad = request(9999, IOCB_CMD_PREAD, &e, 1, 0);
    CHECK_ERRNO(submit(&bad), EBADF);
    bad = request(0, 99, &e, 1, 0);
    CHECK_ERRNO(submit(&bad), EINVAL);
    CHECK_ERRNO(syscall(SYS_io_getevents, context, 5, 1, &e, NULL), EINVAL);
    CHECK_ERRNO(syscall(SYS_io_getevents, context, -1L, 1L, &e, NULL), EINVAL);
}
