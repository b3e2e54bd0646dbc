/* vdso(7): what it offers, that it agrees with the system calls, and what can be done to its mappings. */
#include "guest.h"
#include <elf.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/user.h>

static long (*vdso_gettime)(int, struct timespec *);
static long (*vdso_getres)(int, struct timespec *);
static long (*vdso_gettimeofday)(struct timeval *, struct timezone *);
static long (*vdso_time)(time_t *);
static long (*vdso_getcpu)(unsigned *, unsigned *, void *);

/* ---- a reader of ELF as small as those in C libraries and in Go's run-time system */

struct image {
    const char *base;
    const char *strings;
    const Elf64_Sym *symbols;
    const Elf64_Half *versions;
    const Elf64_Verdef *definitions;
    const Elf32_Word *hash, *gnu_hash;
    const char *soname;
};

static bool read_image(struct image *v) {
    const Elf64_Ehdr *header = (void *)getauxval(AT_SYSINFO_EHDR);
    memset(v, 0, sizeof *v);
    if (!header || memcmp(header->e_ident, ELFMAG, SELFMAG) || header->e_type != ET_DYN)
        return false;
    v->base = (const char *)header;
    const Elf64_Phdr *p = (void *)(v->base + header->e_phoff);
    const Elf64_Dyn *d = NULL;
    long bias = 0, soname = -1;
    for (int i = 0; i < header->e_phnum; i++) {
        if (p[i].p_type == PT_LOAD)
            bias = (long)v->base + p[i].p_offset - p[i].p_vaddr;
        if (p[i].p_type == PT_DYNAMIC)
            d = (void *)(v->base + p[i].p_offset);
    }
    for (; d && d->d_tag != DT_NULL; d++) {
        void *at = (void *)(d->d_un.d_ptr + bias);
        switch (d->d_tag) {
        case DT_STRTAB: v->strings = at; break;
        case DT_SYMTAB: v->symbols = at; break;
        case DT_VERSYM: v->versions = at; break;
        case DT_VERDEF: v->definitions = at; break;
        case DT_HASH: v->hash = at; break;
        case DT_GNU_HASH: v->gnu_hash = at; break;
        case DT_SONAME: soname = d->d_un.d_val; break;
        }
    }
    v->soname = soname < 0 ? "" : v->strings + soname;
    return v->strings && v->symbols && v->versions && v->definitions;
}

static bool has_version(struct image *v, int symbol, const char *name) {
    int index = v->versions[symbol] & 0x7fff;
    for (const Elf64_Verdef *d = v->definitions;; d = (void *)((char *)d + d->vd_next)) {
        const Elf64_Verdaux *aux = (void *)((char *)d + d->vd_aux);
        if (!(d->vd_flags & VER_FLG_BASE) && (d->vd_ndx & 0x7fff) == index)
            return strcmp(v->strings + aux->vda_name, name) == 0;
        if (!d->vd_next)
            return false;
    }
}

static bool is_function(struct image *v, unsigned i, const char *name) {
    const Elf64_Sym *s = v->symbols + i;
    return ELF64_ST_TYPE(s->st_info) == STT_FUNC && s->st_shndx != SHN_UNDEF &&
           strcmp(v->strings + s->st_name, name) == 0 && has_version(v, i, "LINUX_2.6");
}

static unsigned by_hash(struct image *v, const char *name) {
    unsigned h = 0;
    for (const unsigned char *s = (void *)name; *s; s++) {
        h = (h << 4) + *s;
        unsigned g = h & 0xf0000000;
        h = (h ^ g >> 24) & ~g;
    }
    const Elf32_Word *buckets = v->hash + 2, *chains = buckets + v->hash[0];
    for (unsigned i = buckets[h % v->hash[0]]; i; i = chains[i])
        if (is_function(v, i, name))
            return i;
    return 0;
}

static unsigned by_gnu_hash(struct image *v, const char *name) {
    unsigned h = 5381;
    for (const unsigned char *s = (void *)name; *s; s++)
        h = h * 33 + *s;
    const Elf32_Word *g = v->gnu_hash;
    const Elf64_Xword *bloom = (void *)(g + 4);
    const Elf32_Word *buckets = (void *)(bloom + g[2]), *chains = buckets + g[0];
    Elf64_Xword word = bloom[h / 64 % g[2]];
    if (!(word >> h % 64 & 1) || !(word >> (h >> g[3]) % 64 & 1))
        return 0;
    unsigned i = buckets[h % g[0]];
    if (i < g[1])
        return 0;
    for (;; i++) {
        unsigned other = chains[i - g[1]];
        if ((other | 1) == (h | 1) && is_function(v, i, name))
            return i;
        if (other & 1)
            return 0;
    }
}

static void *find(struct image *v, const char *name) {
    unsigned i = v->gnu_hash ? by_gnu_hash(v, name) : 0, k = v->hash ? by_hash(v, name) : i;
    if (!v->gnu_hash)
        i = k;
    return i && i == k ? (void *)(v->base + v->symbols[i].st_value) : NULL;
}

__attribute__((constructor)) static void look_up(void) {
    struct image v;
    if (!read_image(&v))
        return;
    vdso_gettime = find(&v, "__vdso_clock_gettime");
    vdso_getres = find(&v, "__vdso_clock_getres");
    vdso_gettimeofday = find(&v, "__vdso_gettimeofday");
    vdso_time = find(&v, "__vdso_time");
    vdso_getcpu = find(&v, "__vdso_getcpu");
}

static long long ns(struct timespec t) {
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static long long by_vdso(int clock) {
    struct timespec t = {-1, -1};
    CHECK_EQ(vdso_gettime(clock, &t), 0);
    CHECK(t.tv_nsec >= 0 && t.tv_nsec < 1000000000);
    return ns(t);
}

static long long by_call(int clock) {
    struct timespec t = {-1, -1};
    CHECK_EQ(syscall(SYS_clock_gettime, clock, &t), 0);
    return ns(t);
}

static const int clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_BOOTTIME, CLOCK_TAI};
#define CLOCKS (sizeof clocks / sizeof *clocks)

TEST(symbols) {
    struct image v;
    char name[64];
    MUST(read_image(&v));
    CHECK_STR(v.soname, "linux-vdso.so.1");
    CHECK(v.hash || v.gnu_hash);
    const char *names[] = {"clock_gettime", "clock_getres", "gettimeofday", "time", "getcpu"};
    for (int i = 0; i < 5; i++) {
        snprintf(name, sizeof name, "__vdso_%s", names[i]);
        CHECK(find(&v, name) != NULL);
        CHECK(find(&v, names[i]) == find(&v, name));
    }
    CHECK(find(&v, "__vdso_nothing") == NULL);
}

TEST(agrees_with_system_calls) {
    for (unsigned i = 0; i < CLOCKS; i++) {
        long long last = 0;
        for (int k = 0; k < 500; k++) {
            long long a = by_vdso(clocks[i]), b = by_call(clocks[i]), c = by_vdso(clocks[i]);
            if (a < last || b < a || c < b)
                guest_fail(__FILE__, __LINE__, "clock %d: %lld, then %lld, system call %lld, %lld", clocks[i], last, a, b, c);
            last = c;
        }
    }
}

TEST(other_forms_agree) {
    struct timeval tv;
    struct timezone zone = {7, 7};
    time_t t = 0;
    for (int k = 0; k < 100; k++) {
        long long a = by_vdso(CLOCK_REALTIME) / 1000;
        CHECK_EQ(vdso_gettimeofday(&tv, NULL), 0);
        long long b = tv.tv_sec * 1000000LL + tv.tv_usec;
        CHECK_EQ(syscall(SYS_gettimeofday, &tv, NULL), 0);
        long long c = tv.tv_sec * 1000000LL + tv.tv_usec, d = by_vdso(CLOCK_REALTIME) / 1000;
        CHECK(a <= b && b <= c && c <= d);
        time_t now = vdso_time(&t);
        CHECK(now == t && now >= d / 1000000 - 1 && vdso_time(NULL) >= now);
    }
    CHECK_EQ(vdso_gettimeofday(NULL, &zone), 0);
    CHECK(zone.tz_minuteswest == 0 && zone.tz_dsttime == 0);
    CHECK_EQ(vdso_gettimeofday(NULL, NULL), 0);
}

TEST(coarse_clocks) {
    const int pairs[][2] = {{CLOCK_REALTIME_COARSE, CLOCK_REALTIME}, {CLOCK_MONOTONIC_COARSE, CLOCK_MONOTONIC}};
    for (int i = 0; i < 2; i++) {
        long long before = by_vdso(pairs[i][1]), coarse = by_vdso(pairs[i][0]), after = by_vdso(pairs[i][1]);
        CHECK(coarse <= after && coarse > before - 100000000);
    }
}

TEST(resolutions) {
    struct timespec a, b;
    for (int clock = 0; clock < 16; clock++) {
        a = b = (struct timespec){5, 5};
        long want = syscall(SYS_clock_getres, clock, &b);
        CHECK_EQ(vdso_getres(clock, &a), want == 0 ? 0 : -errno);
        CHECK_EQ(ns(a), ns(b));
    }
    CHECK_EQ(vdso_getres(CLOCK_MONOTONIC, NULL), 0);
    CHECK_EQ(vdso_getres(1000, NULL), -EINVAL);
}

TEST(other_clocks_go_to_the_kernel) {
    struct timespec t;
    int bad[] = {10, 12, 31, 32, 33, 99, INT_MAX, INT_MIN};
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_EQ(vdso_gettime(bad[i], &t), -EINVAL);
    CHECK(by_vdso(CLOCK_PROCESS_CPUTIME_ID) > 0);
    CHECK(by_vdso(CLOCK_THREAD_CPUTIME_ID) > 0);
    CHECK_EQ(vdso_gettime(CLOCK_PROCESS_CPUTIME_ID, (void *)8), -EFAULT);
}

/* Longer than the page that it reads is good for, several times. */
TEST(never_runs_backwards) {
    long long start = by_vdso(CLOCK_MONOTONIC), last = start, real = by_vdso(CLOCK_REALTIME), count = 0, most = 0;
    while (last < start + 2500000000LL) {
        for (int i = 0; i < 10000; i++, count++) {
            struct timespec t;
            vdso_gettime(CLOCK_MONOTONIC, &t);
            if (ns(t) < last) {
                guest_fail(__FILE__, __LINE__, "%lld after %lld", ns(t), last);
                return;
            }
            last = ns(t);
        }
        long long call = by_call(CLOCK_MONOTONIC);
        CHECK(call >= last);
        last = by_vdso(CLOCK_MONOTONIC);
        CHECK(last >= call);
        long long drift = by_vdso(CLOCK_REALTIME) - real - (by_vdso(CLOCK_MONOTONIC) - start);
        most = drift > most ? drift : -drift > most ? -drift : most;
    }
    CHECK(count > 1000000);
    CHECK(most < 1000000000); /* nobody sets the time meanwhile */
}

static _Atomic long long latest;

static void *look_at_clock(void *arg) {
    long long end = by_vdso(CLOCK_MONOTONIC) + 2500000000LL, now;
    int calls = 0;
    do {
        long long before = latest;
        struct timespec t;
        if (arg && ++calls % 64 == 0)
            now = by_call(CLOCK_MONOTONIC);
        else {
            vdso_gettime(CLOCK_MONOTONIC, &t);
            now = ns(t);
        }
        if (now < before) {
            guest_fail(__FILE__, __LINE__, "%lld, and another thread had seen %lld", now, before);
            break;
        }
        while (before < now && !__atomic_compare_exchange_n(&latest, &before, now, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            ;
    } while (now < end);
    return NULL;
}

TEST_T(threads_see_one_clock, 30) {
    pthread_t t[4];
    for (long i = 0; i < 4; i++)
        MUST(pthread_create(&t[i], NULL, look_at_clock, (void *)(i & 1)) == 0);
    for (int i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
}

/* Also between processes: the page is one. */
TEST_T(processes_see_one_clock, 30) {
    volatile long long *shared =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    long long start = by_vdso(CLOCK_MONOTONIC);
    pid_t pid = FORK();
    for (long long now = start; now < start + 2500000000LL;) {
        long long before = shared[pid == 0];
        now = by_vdso(CLOCK_MONOTONIC);
        if (now < before) {
            guest_fail(__FILE__, __LINE__, "%lld, and another process had seen %lld", now, before);
            break;
        }
        shared[pid != 0] = now;
    }
    if (pid == 0)
        DONE();
    CHECK_EXIT(pid, 0);
}

/* What a sleep waited for has come by the vDSO's clock as well. */
TEST(sleeps_end_behind_their_time) {
    for (int k = 0; k < 40; k++) {
        int clock = k % 2 ? CLOCK_MONOTONIC : CLOCK_REALTIME;
        long long end = by_vdso(clock) + 1000000 + k * 1000;
        struct timespec t = {end / 1000000000, end % 1000000000};
        CHECK_EQ(clock_nanosleep(clock, TIMER_ABSTIME, &t, NULL), 0);
        CHECK(by_vdso(clock) >= end);

        end = by_vdso(CLOCK_MONOTONIC) + 1000000;
        CHECK_EQ(poll(NULL, 0, 1), 0);
        CHECK(by_vdso(CLOCK_MONOTONIC) >= end);

        int fd = timerfd_create(CLOCK_MONOTONIC, 0);
        end = by_vdso(CLOCK_MONOTONIC) + 700000;
        struct itimerspec spec = {.it_value = {end / 1000000000, end % 1000000000}};
        uint64_t count = 0;
        CHECK_EQ(timerfd_settime(fd, TFD_TIMER_ABSTIME, &spec, NULL), 0);
        CHECK_EQ(read(fd, &count, 8), 8);
        CHECK(count == 1 && by_vdso(CLOCK_MONOTONIC) >= end);
        close(fd);
    }
}

TEST(after_a_pause) {
    long long a = by_call(CLOCK_MONOTONIC), b = by_vdso(CLOCK_MONOTONIC);
    nap(1500);
    long long c = by_vdso(CLOCK_MONOTONIC), d = by_call(CLOCK_MONOTONIC);
    CHECK(a <= b && b + 1500000000 <= c && c <= d);
}

TEST(getcpu_agrees_with_affinity) {
    cpu_set_t all, one;
    CHECK_EQ(sched_getaffinity(0, sizeof all, &all), 0);
    for (int round = 0; round < 2; round++)
        for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
            if (!CPU_ISSET(cpu, &all))
                continue;
            unsigned a = 99, b = 99, node = 99;
            CPU_ZERO(&one);
            CPU_SET(cpu, &one);
            CHECK_EQ(sched_setaffinity(0, sizeof one, &one), 0);
            CHECK_EQ(vdso_getcpu(&a, &node, NULL), 0);
            CHECK_EQ(syscall(SYS_getcpu, &b, NULL, NULL), 0);
            CHECK_EQ(a, cpu);
            CHECK_EQ(b, cpu);
            CHECK(node < 64);
            CHECK_EQ(vdso_getcpu(NULL, NULL, NULL), 0);
        }
}

/* ---- its mappings */

struct mapping {
    unsigned long start, end;
    char rights[5];
};

static bool mapping(const char *name, struct mapping *m) {
    FILE *f = fopen("/proc/self/maps", "r");
    char line[512], tail[256];
    bool found = false;
    while (f && !found && fgets(line, sizeof line, f)) {
        *tail = 0;
        sscanf(line, "%lx-%lx %4s %*s %*s %*s %255s", &m->start, &m->end, m->rights, tail);
        found = strcmp(tail, name) == 0;
    }
    if (f)
        fclose(f);
    return found;
}

TEST(names_in_maps) {
    struct mapping code, data;
    MUST(mapping("[vdso]", &code) && mapping("[vvar]", &data));
    CHECK_EQ(code.start, getauxval(AT_SYSINFO_EHDR));
    CHECK_STR(code.rights, "r-xp");
    CHECK_STR(data.rights, "r--p");
    CHECK(data.end <= code.start);
}

HELPER(again) {
    struct mapping code;
    CHECK(mapping("[vdso]", &code) && code.start == getauxval(AT_SYSINFO_EHDR));
    CHECK(by_vdso(CLOCK_MONOTONIC) >= atoll(argv[0]));
    return *guest_failures != 0;
}

TEST(over_fork_and_exec) {
    char now[32];
    struct mapping code;
    pid_t pid = FORK();
    long long before = by_vdso(CLOCK_MONOTONIC);
    if (pid == 0) {
        CHECK(mapping("[vdso]", &code) && code.start == getauxval(AT_SYSINFO_EHDR));
        snprintf(now, sizeof now, "%lld", by_vdso(CLOCK_MONOTONIC));
        execl(GUEST_SELF, "guest", "@again", now, NULL);
        _exit(9);
    }
    CHECK_EXIT(pid, 0);
    CHECK(by_vdso(CLOCK_MONOTONIC) >= before);
}

static void report(int sig GUEST_UNUSED, siginfo_t *info, void *context GUEST_UNUSED) {
    _exit(info->si_code == SEGV_ACCERR ? 42 : info->si_code == SEGV_MAPERR ? 43 : 44);
}

static void check_fault(unsigned long address, int status) {
    pid_t pid = FORK();
    if (pid == 0) {
        on_info(SIGSEGV, report, 0);
        *(volatile char *)address = 1;
        _exit(1);
    }
    CHECK_EXIT(pid, status);
}

TEST(cannot_be_written) {
    struct mapping code, data;
    MUST(mapping("[vdso]", &code) && mapping("[vvar]", &data));
    check_fault(code.start, 42);
    check_fault(data.start, 42);
    CHECK_ERRNO(mprotect((void *)data.start, 4096, PROT_READ | PROT_WRITE), EACCES);
    CHECK_ERRNO(mprotect((void *)data.start, 4096, PROT_READ | PROT_EXEC), EACCES);
    CHECK_ERRNO(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, data.start), EFAULT);
    check_fault(data.start, 42);
    CHECK(by_vdso(CLOCK_MONOTONIC) > 0);
}

TEST(code_becomes_a_private_copy) {
    struct mapping code;
    MUST(mapping("[vdso]", &code));
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(mprotect((void *)code.start, code.end - code.start, PROT_READ | PROT_WRITE), 0);
        memset((void *)code.start, 0xcc, code.end - code.start);
        CHECK(*(unsigned char *)code.start == 0xcc);
        DONE();
    }
    CHECK_EXIT(pid, 0);
    CHECK(memcmp((void *)code.start, ELFMAG, SELFMAG) == 0);
    CHECK(by_vdso(CLOCK_MONOTONIC) > 0);
}

TEST(can_be_unmapped) {
    struct mapping code, data;
    MUST(mapping("[vdso]", &code) && mapping("[vvar]", &data));
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(munmap((void *)data.start, code.end - data.start), 0);
        check_fault(data.start, 43);
        CHECK(by_call(CLOCK_MONOTONIC) > 0);
        CHECK(!mapping("[vdso]", &code) && !mapping("[vvar]", &data));
        DONE();
    }
    CHECK_EXIT(pid, 0);
    CHECK(by_vdso(CLOCK_MONOTONIC) > 0);
}

TEST(can_be_moved_and_does_not_grow) {
    struct mapping code, data, moved;
    MUST(mapping("[vdso]", &code) && mapping("[vvar]", &data));
    size_t size = code.end - code.start;
    CHECK_ERRNO(mremap((void *)code.start, size, size + 4096, MREMAP_MAYMOVE), EFAULT);
    CHECK_ERRNO(mremap((void *)code.start, size, size + 4096, 0), EFAULT);
    pid_t pid = FORK();
    if (pid == 0) {
        char *to = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        CHECK(mremap((void *)code.start, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
        CHECK(memcmp(to, ELFMAG, SELFMAG) == 0);
        CHECK(mapping("[vdso]", &moved) && moved.start == (unsigned long)to && moved.end == moved.start + size);
        DONE();
    }
    CHECK_EXIT(pid, 0);
}

TEST(advice_and_locks) {
    struct mapping code, data;
    MUST(mapping("[vdso]", &code) && mapping("[vvar]", &data));
    CHECK_ERRNO(madvise((void *)data.start, 4096, MADV_DONTNEED), EINVAL);
    CHECK_ERRNO(madvise((void *)data.start, 4096, MADV_DODUMP), EINVAL);
    CHECK_ERRNO(madvise((void *)data.start, 4096, MADV_DOFORK), EINVAL);
    CHECK_EQ(madvise((void *)code.start, 4096, MADV_DONTNEED), 0);
    CHECK_EQ(mlockall(MCL_CURRENT), 0);
    CHECK_EQ(munlockall(), 0);
    CHECK(by_vdso(CLOCK_MONOTONIC) > 0);
}

TEST(debuggers_see_the_code) {
    struct mapping code, data;
    char bytes[4] = "";
    MUST(mapping("[vdso]", &code) && mapping("[vvar]", &data));
    int fd = open("/proc/self/mem", O_RDWR);
    MUST(fd >= 0);
    CHECK_EQ(pread(fd, bytes, 4, code.start), 4);
    CHECK(memcmp(bytes, ELFMAG, SELFMAG) == 0);
    CHECK_ERRNO(pread(fd, bytes, 4, data.start), EIO);
    CHECK_ERRNO(pwrite(fd, bytes, 4, data.start), EIO);
    pid_t pid = FORK();
    if (pid == 0) { /* a breakpoint there is this process's own */
        CHECK_EQ(pwrite(open("/proc/self/mem", O_RDWR), "\xcc", 1, code.start), 1);
        CHECK(*(unsigned char *)code.start == 0xcc);
        DONE();
    }
    CHECK_EXIT(pid, 0);
    CHECK(*(unsigned char *)code.start == 0x7f);
    int out = memfd_create("out", 0);
    CHECK_EQ(write(out, (void *)data.start, 4096), 4096); /* programs can read it, so they can write it out */
}

/* ---- what watches system calls does not see it */

TEST(filters_do_not_see_it) {
    pid_t pid = FORK();
    if (pid == 0) {
        struct sock_filter code[] = {
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clock_gettime, 2, 0),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_gettimeofday, 1, 0),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EXDEV),
        };
        struct sock_fprog program = {sizeof code / sizeof *code, code};
        struct timeval tv;
        struct timespec t;
        CHECK_EQ(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
        CHECK_EQ(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
        long long end = by_vdso(CLOCK_MONOTONIC) + 2200000000LL;
        do
            MUST(vdso_gettime(CLOCK_MONOTONIC, &t) == 0 && vdso_gettimeofday(&tv, NULL) == 0);
        while (ns(t) < end);
        CHECK_ERRNO(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t), EXDEV);
        CHECK_EQ(vdso_gettime(CLOCK_PROCESS_CPUTIME_ID, &t), -EXDEV);
        DONE();
    }
    CHECK_EXIT(pid, 0);
}

TEST(tracers_do_not_see_it) {
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(ptrace(PTRACE_TRACEME, 0, 0, 0), 0);
        raise(SIGSTOP);
        long long end = by_vdso(CLOCK_MONOTONIC) + 1200000000LL;
        while (by_vdso(CLOCK_MONOTONIC) < end)
            ;
        by_vdso(CLOCK_THREAD_CPUTIME_ID);
        _exit(0);
    }
    int status, stops = 0;
    MUST(waitpid(pid, &status, 0) == pid && WIFSTOPPED(status));
    CHECK_EQ(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL), 0);
    for (int sig = 0;; sig = 0) {
        MUST(ptrace(PTRACE_SYSCALL, pid, 0, sig) == 0);
        MUST(waitpid(pid, &status, 0) == pid);
        if (!WIFSTOPPED(status))
            break;
        if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
            struct user_regs_struct regs;
            CHECK_EQ(ptrace(PTRACE_GETREGS, pid, 0, &regs), 0);
            stops += regs.orig_rax == SYS_clock_gettime;
        }
    }
    CHECK(WIFEXITED(status));
    CHECK_EQ(stops, 2); /* the CPU clock, in and out */
}
