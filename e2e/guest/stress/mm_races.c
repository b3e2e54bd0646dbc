/* Threads of one process change mappings, fork, write and copy all at once. Some keep a ledger of memory of their own and
 * compare; others do anything they like to memory and a file they share. Argument: seconds, 10 without one. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, PAGES = 64 };

static volatile int stop;
static char *arena;
static int file;

static unsigned next(unsigned *seed) {
    *seed = *seed * 1103515245 + 12345;
    return *seed >> 8;
}

static void surprise(const char *what, unsigned got, unsigned wanted) {
    printf("%s: %#x instead of %#x\n", what, got, wanted);
    fflush(stdout);
    _exit(1);
}

static unsigned *word(char *memory, int page) { return (unsigned *)(memory + page * PAGE + 64); }

static void compare(const char *what, char *memory, int page, unsigned wanted) {
    unsigned got = *(volatile unsigned *)word(memory, page);
    if (got != wanted)
        surprise(what, got, wanted);
}

/* To another place and from there onto a third. */
static char *move(char *memory) {
    char *there = mremap(memory, PAGES * PAGE, PAGES * PAGE, MREMAP_MAYMOVE);
    char *target = mmap(NULL, PAGES * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *moved = mremap(there, PAGES * PAGE, PAGES * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, target);
    if (moved == MAP_FAILED || moved != target)
        surprise("mremap", 0, 1);
    return moved;
}

static void through_pipe(int *pipe, void *from, void *to) {
    if (write(pipe[1], from, 4) != 4 || read(pipe[0], to, 4) != 4)
        surprise("pipe", 0, 4);
}

static void *keeps_a_ledger(void *argument) {
    unsigned seed = (unsigned)(long)argument, values[PAGES] = {0}, value;
    char *memory = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int p[2];
    if (pipe(p) != 0)
        return NULL;
    while (!stop) {
        int i = next(&seed) % PAGES;
        switch (next(&seed) % 8) {
        case 0:
            compare("read", memory, i, values[i]);
            break;
        case 1:
            *word(memory, i) = values[i] = next(&seed);
            break;
        case 2:
            madvise(memory + i * PAGE, PAGE, MADV_DONTNEED);
            values[i] = 0;
            break;
        case 3:
            mprotect(memory + i * PAGE, PAGE, PROT_READ);
            compare("protected", memory, i, values[i]);
            mprotect(memory + i * PAGE, PAGE, PROT_READ | PROT_WRITE);
            break;
        case 4:
            through_pipe(p, word(memory, i), &value);
            if (value != values[i])
                surprise("copied in", value, values[i]);
            break;
        case 5:
            value = next(&seed);
            through_pipe(p, &value, word(memory, i));
            compare("copied out", memory, i, values[i] = value);
            break;
        case 6:
            memory = move(memory);
            for (int k = 0; k < PAGES; k++)
                compare("moved", memory, k, values[k]);
            break;
        default:
            for (int k = 0; k < PAGES; k += 7)
                *word(memory, k) = values[k] = k + values[i];
        }
    }
    return NULL;
}

static void *does_anything(void *argument) {
    unsigned seed = 77 * (unsigned)(long)argument;
    char buffer[4 * PAGE];
    while (!stop) {
        char *at = arena + next(&seed) % PAGES * PAGE;
        size_t length = (1 + next(&seed) % 16) * PAGE;
        off_t offset = next(&seed) % 32 * PAGE;
        int sharing = next(&seed) & 1 ? MAP_SHARED : MAP_PRIVATE;
        struct iovec there = {at, length}, here = {buffer, sizeof buffer};
        long result = 0;
        switch (next(&seed) % 10) {
        case 0:
        case 1:
            mmap(at, length, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
            break;
        case 2:
            result = munmap(at, length);
            break;
        case 3:
            result = mprotect(at, length, next(&seed) % 8);
            break;
        case 4:
            mmap(at, length, PROT_READ | PROT_WRITE, sharing | MAP_FIXED, file, offset);
            break;
        case 5:
            result = process_vm_readv(getpid(), &here, 1, &there, 1, 0);
            break;
        case 6:
            result = pread(file, at, PAGE, offset) + pwrite(file, at, length, offset);
            break;
        case 7:
            result = ftruncate(file, next(&seed) % 40 * PAGE);
            break;
        case 8:
            result = fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length);
            break;
        default:
            result = madvise(at, length, next(&seed) % 25);
        }
        (void)result;
    }
    return NULL;
}

/* Parent and child write to what they shared; each sees its own. */
static void *forks(void *argument) {
    unsigned round = (unsigned)(long)argument;
    char *memory = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    while (!stop) {
        int status;
        round++;
        for (int i = 0; i < PAGES; i++)
            *word(memory, i) = round;
        pid_t pid = fork();
        if (pid == 0) {
            for (int i = 0; i < PAGES; i++) {
                if (*word(memory, i) != round)
                    _exit(1);
                *word(memory, i) = ~round;
            }
            for (int i = 0; i < PAGES; i++)
                if (*word(memory, i) != ~round)
                    _exit(2);
            _exit(0);
        }
        for (int i = 0; i < PAGES; i += 2)
            *word(memory, i) = round + 1000000;
        if (waitpid(pid, &status, 0) != pid || status != 0)
            surprise("child", status, 0);
        for (int i = 0; i < PAGES; i++)
            compare("parent", memory, i, i % 2 ? round : round + 1000000);
    }
    return NULL;
}

int main(int argc, char **argv) {
    pthread_t threads[7];
    char name[] = "/tmp/mm_races.XXXXXX";
    arena = mmap(NULL, 2 * PAGES * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    file = mkstemp(name);
    if (file < 0 || unlink(name) != 0 || ftruncate(file, 32 * PAGE) != 0)
        return 1;
    for (long i = 0; i < 7; i++)
        pthread_create(&threads[i], NULL, i < 3 ? keeps_a_ledger : i < 5 ? does_anything : forks, (void *)i);
    sleep(argc > 1 ? atoi(argv[1]) : 10);
    stop = 1;
    for (int i = 0; i < 7; i++)
        pthread_join(threads[i], NULL);
    printf("everybody found his own\n");
    return 0;
}
