/* execve(2) of ELF files made by hand, good and bad: what it answers, and what kills the process when it is too late to
 * answer. */
#include "guest.h"

#include <elf.h>

enum { RAN = 7, KILLED = -SIGSEGV };

/* mov $60, %eax; mov $7, %edi; syscall */
static const unsigned char code[] = {0xb8, 60, 0, 0, 0, 0xbf, RAN, 0, 0, 0, 0x0f, 5};

struct program {
    Elf64_Ehdr head;
    Elf64_Phdr segments[1200];
    unsigned count;
    long code_at;
    const char *interpreter;
};

static struct program program;

static Elf64_Phdr *segment(unsigned type, unsigned flags, long offset, long address, long in_file, long in_memory) {
    Elf64_Phdr *s = &program.segments[program.count++];
    *s = (Elf64_Phdr){type, flags, offset, address, address, in_file, in_memory, 4096};
    return s;
}

/* An empty program of this type; its code is at 0x1000 of the file. */
static void begin(int type, long entry) {
    memset(&program, 0, sizeof program);
    memcpy(program.head.e_ident, ELFMAG "\2\1\1", 7);
    program.head.e_type = type;
    program.head.e_machine = EM_X86_64;
    program.head.e_version = 1;
    program.head.e_entry = entry;
    program.head.e_phoff = sizeof program.head;
    program.head.e_ehsize = sizeof program.head;
    program.head.e_phentsize = sizeof(Elf64_Phdr);
    program.code_at = 0x1000;
}

/* One that runs: code at 0x400000. */
static void begin_good(void) {
    begin(ET_EXEC, 0x400000);
    segment(PT_LOAD, PF_R | PF_X, 0x1000, 0x400000, 0x100, 0x100);
}

static void save(const char *name) {
    int fd = open(name, O_CREAT | O_TRUNC | O_WRONLY, 0755);
    MUST(fd >= 0);
    if (program.head.e_phnum == 0)
        program.head.e_phnum = program.count;
    if (program.interpreter)
        MUST(pwrite(fd, program.interpreter, strlen(program.interpreter) + 1, 0x1040) > 0);
    MUST(ftruncate(fd, program.code_at + 0x100) == 0);
    MUST(pwrite(fd, &program.head, sizeof program.head, 0) == sizeof program.head);
    MUST(pwrite(fd, program.segments, program.count * sizeof *program.segments, 64) >= 0);
    MUST(pwrite(fd, code, sizeof code, program.code_at) == sizeof code);
    close(fd);
}

/* How ./name ends: its exit status, minus the signal, or 1000 + errno of execve. */
static int run(const char *name) {
    int status, p[2], error = 0;
    char path[300];
    char *argv[] = {path, "argument", NULL};
    snprintf(path, sizeof path, "./%s", name);
    MUST(pipe2(p, O_CLOEXEC) == 0);
    pid_t pid = FORK();
    if (pid == 0) {
        execve(path, argv, environ);
        error = errno;
        MUST(write(p[1], &error, sizeof error) == sizeof error);
        _exit(0);
    }
    close(p[1]);
    int n = read(p[0], &error, sizeof error);
    close(p[0]);
    MUST(waitpid(pid, &status, 0) == pid);
    if (n > 0)
        return 1000 + error;
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static int saved(void) {
    save("program");
    return run("program");
}

TEST(programs_made_by_hand_run) {
    begin_good();
    CHECK_EQ(saved(), RAN);
    begin_good();
    segment(PT_LOAD, PF_R | PF_W, 0x1000, 0x500000, 0x20, 0x3000);
    CHECK_EQ(saved(), RAN);
    begin(ET_DYN, 0);
    segment(PT_LOAD, PF_R | PF_X, 0x1000, 0, 0x100, 0x100);
    CHECK_EQ(saved(), RAN);
    program.segments[0].p_align = 0x200000;
    CHECK_EQ(saved(), RAN);
    program.segments[0].p_align = 0x3001;
    CHECK_EQ(saved(), RAN);
    begin(ET_EXEC, 0x7fff00000000);
    segment(PT_LOAD, PF_R | PF_X, 0x1000, 0x7fff00000000, 0x100, 0x100);
    CHECK_EQ(saved(), RAN);
}

TEST(headers_that_are_no_program) {
    begin_good();
    program.head.e_machine = EM_386;
    CHECK_EQ(saved(), 1000 + ENOEXEC);
    begin_good();
    program.head.e_type = ET_REL;
    CHECK_EQ(saved(), 1000 + ENOEXEC);
    begin_good();
    program.head.e_type = ET_CORE;
    CHECK_EQ(saved(), 1000 + ENOEXEC);
    begin_good();
    program.head.e_phentsize = 55;
    CHECK_EQ(saved(), 1000 + ENOEXEC);
    begin_good();
    program.head.e_phoff = -1;
    CHECK_EQ(saved(), 1000 + ENOEXEC);
    begin_good();
    program.head.e_phoff = 0x100000;
    CHECK_EQ(saved(), 1000 + ENOEXEC);
    begin(ET_EXEC, 0x400000);
    CHECK_EQ(saved(), 1000 + ENOEXEC);
}

TEST(number_of_segments) {
    static const int counts[] = {73, 74, 1170, 1171};
    for (unsigned i = 0; i < 4; i++) {
        begin(ET_EXEC, 0x400000);
        program.code_at = 0x20000;
        segment(PT_LOAD, PF_R | PF_X, 0x20000, 0x400000, 0x100, 0x100);
        program.count = counts[i];
        CHECK_EQ(saved(), counts[i] <= 65536 / 56 ? RAN : 1000 + ENOEXEC);
    }
}

TEST(segments_that_cannot_be) {
    static const struct {
        long offset, address, in_file, in_memory;
    } bad[] = {
        {0x1000, 0x500000, 0x200, 0x100},               /* more in the file than in memory */
        {0x1000, 0xffff800000000000, 0x100, 0x100},     /* the kernel's half */
        {0x1000, 0x500000, 0x100, 0x7fffffffffff},      /* over the end */
        {0x1000, 0x500000, -1, -1},
        {0x1000, 0x500000, 0x7ffffffffffff000, 0x7ffffffffffff000},
        {0x1001, 0x500000, 0x100, 0x100},               /* offset and address in different places of a page */
        {0xfffffffffffff000, 0x500000, 0x100, 0x100},   /* a negative offset */
        {0x8000, 0x500000, 0x100, 0x2000},              /* bss to be zeroed in a page behind the end of the file */
    };
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
        begin_good();
        segment(PT_LOAD, PF_R | PF_W, bad[i].offset, bad[i].address, bad[i].in_file, bad[i].in_memory);
        if (saved() != KILLED)
            guest_fail(__FILE__, __LINE__, "segment %u is no segment", i);
    }
    begin(ET_EXEC, 0x400000);
    segment(PT_NULL, 0, 0, 0, 0, 0);
    CHECK_EQ(saved(), KILLED);
    begin(ET_DYN, 0);
    segment(PT_NULL, 0, 0, 0, 0, 0);
    CHECK_EQ(saved(), KILLED);
    begin_good();
    program.head.e_entry = 0xffff800000000000;
    CHECK_EQ(saved(), KILLED);
    begin_good();
    program.head.e_entry = 0x900000;
    CHECK_EQ(saved(), KILLED);
    begin(ET_DYN, 0);
    segment(PT_LOAD, PF_R | PF_X, 0x1000, 0, 0x100, 0x100);
    segment(PT_LOAD, PF_R | PF_W, 0x1000, 0x7ffffffff000, 0x100, 0x100);
    CHECK_EQ(saved(), KILLED);
}

TEST(odd_segments_that_are_fine) {
    begin_good();
    segment(PT_LOAD, PF_R, 0x8000, 0x500000, 0x100, 0x2000); /* not writable: nobody zeroes the page that is not there */
    CHECK_EQ(saved(), RAN);
    begin_good();
    segment(PT_LOAD, PF_R, 0x1000, 0x500000, 0x100, 0x2000);
    CHECK_EQ(saved(), RAN);
    begin_good();
    segment(PT_LOAD, PF_R | PF_W, 0x123, 0x500010, 0, 0x2000); /* without bytes in the file the offset means nothing */
    CHECK_EQ(saved(), RAN);
    begin_good();
    segment(PT_LOAD, PF_R | PF_W, 0x123, 0x500456, 0, 0);
    CHECK_EQ(saved(), RAN);
    begin_good();
    segment(PT_LOAD, PF_R | PF_X, 0x1000, 0x400000, 0x100, 0x100); /* the same once more */
    CHECK_EQ(saved(), RAN);
    begin(ET_DYN, 0);
    segment(PT_LOAD, PF_R | PF_W, 0x1000, 0x100000, 0x100, 0x100); /* not in order */
    segment(PT_LOAD, PF_R | PF_X, 0x1000, 0, 0x100, 0x100);
    CHECK_EQ(saved(), RAN);
}

/* A good program whose interpreter is at this path. */
static int with_interpreter(const char *path) {
    begin_good();
    program.interpreter = path;
    segment(PT_INTERP, PF_R, 0x1040, 0, strlen(path) + 1, strlen(path) + 1);
    return saved();
}

TEST(interpreters) {
    begin(ET_DYN, 0);
    segment(PT_LOAD, PF_R | PF_X, 0x1000, 0, 0x100, 0x100);
    save("good");
    CHECK_EQ(with_interpreter("good"), RAN);
    CHECK_EQ(chmod("good", 0644), 0);
    CHECK_EQ(with_interpreter("good"), 1000 + EACCES);
    CHECK_EQ(with_interpreter("missing"), 1000 + ENOENT);
    CHECK_EQ(with_interpreter("/"), 1000 + EACCES);
    CHECK_EQ(mkdir("directory", 0755), 0);
    CHECK_EQ(with_interpreter("directory"), 1000 + EACCES);
    spit("short", "\177ELF");
    CHECK_EQ(chmod("short", 0755), 0);
    CHECK_EQ(with_interpreter("short"), 1000 + EIO);
    spit("text", "text that is long enough to be a header of sixty-four bytes, and then some more");
    CHECK_EQ(chmod("text", 0755), 0);
    CHECK_EQ(with_interpreter("text"), 1000 + ELIBBAD);
    begin(ET_DYN, 0);
    segment(PT_LOAD, PF_R | PF_X, 0x1000, 0, 0x100, 0x100);
    program.head.e_machine = EM_386;
    save("foreign");
    CHECK_EQ(with_interpreter("foreign"), 1000 + ELIBBAD);
    begin(ET_DYN, 0);
    segment(PT_LOAD, PF_R | PF_X, 0x1000, 0, 0x100, 0x100);
    program.head.e_phoff = 0x100000;
    save("headless");
    CHECK_EQ(with_interpreter("headless"), 1000 + ELIBBAD);
    begin(ET_DYN, 0);
    segment(PT_NULL, 0, 0, 0, 0, 0);
    save("empty");
    CHECK_EQ(with_interpreter("empty"), KILLED);
}

/* What runs cannot be written; its interpreter can. */
TEST(only_the_program_is_busy) {
    int p[2];
    char name[PATH_MAX];
    MUST(pipe(p) == 0);
    pid_t pid = FORK();
    if (pid == 0) {
        dup2(p[0], 0);
        execl("/bin/cat", "cat", NULL);
        _exit(99);
    }
    snprintf(name, sizeof name, "/proc/%d/comm", pid);
    UNTIL(strcmp(slurp(name), "cat\n") == 0);
    CHECK_ERRNO(open("/bin/cat", O_WRONLY), ETXTBSY);
    int fd = open("/lib64/ld-linux-x86-64.so.2", O_WRONLY);
    CHECK(fd >= 0 || errno == EROFS);
    close(fd);
    CHECK_EQ(kill(pid, SIGKILL), 0);
    CHECK_KILLED(pid, SIGKILL);
}

TEST(paths_of_interpreters) {
    static const struct {
        long offset, bytes;
        int result;
    } paths[] = {
        {0x1040, 1, ENOEXEC}, {0x1040, 4097, ENOEXEC}, {0x1040, 3, ENOEXEC}, {0x10000, 40, EIO}, {-4096, 40, EINVAL}};
    for (unsigned i = 0; i < sizeof paths / sizeof *paths; i++) {
        begin_good();
        program.interpreter = "abcdef";
        segment(PT_INTERP, PF_R, paths[i].offset, 0, paths[i].bytes, paths[i].bytes);
        CHECK_EQ(saved(), 1000 + paths[i].result);
    }
    begin_good();
    program.interpreter = "\0\0\0";
    segment(PT_INTERP, PF_R, 0x1040, 0, 4, 4);
    CHECK_EQ(saved(), 1000 + EACCES);
}

/* A script whose first line is `#!`, blanks up to `length` bytes in all, and then what follows. */
static int script(int length, const char *end) {
    char text[600];
    int n = length - strlen(end);
    memset(text, ' ', sizeof text);
    memcpy(text, "#!", 2);
    strcpy(text + n, end);
    int fd = open("script", O_CREAT | O_TRUNC | O_WRONLY, 0755);
    MUST(write(fd, text, length) == length);
    close(fd);
    return run("script");
}

TEST(lengths_of_first_lines) {
    begin_good();
    save("good");
    for (int length = 250; length < 260; length++) {
        CHECK_EQ(script(length, "./good"), length < 256 ? RAN : 1000 + ENOEXEC);
        CHECK_EQ(script(length, "./good\n"), length <= 256 ? RAN : 1000 + ENOEXEC);
        CHECK_EQ(script(length, "./good x\n"), length <= 258 ? RAN : 1000 + ENOEXEC);
    }
    CHECK_EQ(script(2, ""), 1000 + EACCES);
    CHECK_EQ(script(10, ""), 1000 + EACCES);
    CHECK_EQ(script(10, "\n"), 1000 + ENOEXEC);
    CHECK_EQ(script(300, ""), 1000 + ENOEXEC);
    CHECK_EQ(script(300, "\n"), 1000 + ENOEXEC);
}

TEST(chains_of_scripts) {
    char name[20], text[40];
    begin_good();
    save("chain0");
    for (int i = 1; i < 9; i++) {
        snprintf(name, sizeof name, "chain%d", i);
        snprintf(text, sizeof text, "#!./chain%d\n", i - 1);
        spit(name, text);
        CHECK_EQ(chmod(name, 0755), 0);
        CHECK_EQ(run(name), i <= 5 ? RAN : 1000 + ELOOP);
    }
    spit("self", "#!./self\n");
    CHECK_EQ(chmod("self", 0755), 0);
    CHECK_EQ(run("self"), 1000 + ELOOP);
    spit("missing", "#!./nothing\n");
    CHECK_EQ(chmod("missing", 0755), 0);
    CHECK_EQ(run("missing"), 1000 + ENOENT);
}
