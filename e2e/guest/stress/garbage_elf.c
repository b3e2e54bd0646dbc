/* garbage_elf [SEED] [COUNT]: executes COUNT (400) damaged copies of /bin/true, a script and the dynamic linker. execve
 * answers an errno or the process dies of a signal or exits; nothing else ends. Every third is a truncated file. */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 1 << 20 };
static uint8_t original[MOST], image[MOST];
static uint64_t state;

static uint64_t next(void) { /* splitmix64 */
    uint64_t z = (state += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static uint64_t value(void) {
    static const uint64_t edges[] = {0, 1, -1ull, 4095, 4096, 0x7fffffff, 0x80000000, 1ull << 32, 1ull << 47,
                                     (1ull << 47) - 4096, 1ull << 63, -4096ull, 56, 64, 0xffff};
    return next() % 2 ? edges[next() % (sizeof edges / sizeof *edges)] : next() >> next() % 64;
}

/* Damages a field of a header, or bytes anywhere in the first page; the length of what is left. */
static size_t damage(size_t size) {
    Elf64_Ehdr *header = (Elf64_Ehdr *)image;
    Elf64_Phdr *segments = (Elf64_Phdr *)(image + header->e_phoff);
    unsigned count = header->e_phnum;
    switch (next() % 6) {
    case 0:
    case 1: return next() % 2 ? next() % 1200 : next() % size;
    case 2: memcpy(image + next() % (sizeof *header - 8), &(uint64_t){value()}, 1 << next() % 4); break;
    case 3:
    case 4:
        for (unsigned n = 1 + next() % 3; n > 0; n--)
            memcpy((char *)&segments[next() % count] + 4 * (next() % 13), &(uint64_t){value()}, next() % 2 ? 4 : 8);
        break;
    default:
        for (unsigned n = 1 + next() % 20; n > 0; n--)
            image[next() % 4096] = next();
    }
    return size;
}

static void put(const char *path, size_t size) {
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0755);
    if (fd < 0 || write(fd, image, size) != (ssize_t)size)
        exit(1);
    close(fd);
}

static size_t load(const char *path) {
    int fd = open(path, O_RDONLY);
    ssize_t n = read(fd, original, MOST);
    close(fd);
    return n > 4096 ? n : 0;
}

int main(int argc, char **argv) {
    long count = argc > 2 ? atol(argv[2]) : 400, refused = 0, died = 0, exited = 0, odd = 0;
    char directory[] = "/tmp/elf.XXXXXX";
    struct rlimit none = {0, 0};
    state = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
    setrlimit(RLIMIT_CORE, &none);
    if (!mkdtemp(directory) || chdir(directory) != 0)
        return perror("scratch"), 1;
    size_t size = load("/bin/true");
    size_t whole = size;
    for (long i = 0; i < count; i++) {
        memcpy(image, original, size = whole);
        if (i % 4 == 3) { /* a good program with a bad interpreter */
            size_t bad = damage(size);
            put("interpreter", bad);
            memcpy(image, original, size = whole);
            Elf64_Phdr *segments = (Elf64_Phdr *)(image + ((Elf64_Ehdr *)image)->e_phoff);
            for (unsigned k = 0; k < ((Elf64_Ehdr *)image)->e_phnum; k++)
                if (segments[k].p_type == PT_INTERP)
                    memcpy(image + segments[k].p_offset, "./interpreter", 14);
            put("program", size);
        } else if (i % 32 == 5) { /* a script of something that is none */
            char script[300] = "#!";
            for (size_t k = 2; k < sizeof script; k++)
                script[k] = next();
            memcpy(image, script, sizeof script);
            put("program", next() % sizeof script);
        } else {
            put("program", damage(size));
        }
        int status;
        pid_t pid = fork();
        if (pid == 0) {
            alarm(5);
            close(0);
            close(1);
            close(2);
            execl("./program", "program", NULL);
            _exit(77);
        }
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            ;
        if (WIFSIGNALED(status))
            died++;
        else if (WEXITSTATUS(status) == 77)
            refused++;
        else
            exited++;
        unlink("program");
        if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
            odd++;
    }
    fprintf(stderr, "refused %ld, died %ld, exited %ld, too long %ld\n", refused, died, exited, odd);
    unlink("interpreter");
    chdir("/");
    rmdir(directory);
    printf("%ld damaged programs\n", count);
    return 0;
}
