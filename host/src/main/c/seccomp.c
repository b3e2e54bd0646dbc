/* gvj.host.Seccomp: makes a program of a filter's tables and puts it on all threads of this process, for good. */
#include "host.h"

#include "seccomp.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>

#define SECCOMP(type, name) JNIEXPORT type JNICALL Java_gvj_host_Seccomp_##name
#define MAX_PROGRAM 1024
#define STATUS 159 /* 128 + SIGSYS, as a shell would say */
#define X32 0x40000000u

static const char *const call_names[] = {
#include "calls.inc"
};

/* ---- the program ---- */

struct program {
    struct sock_filter code[MAX_PROGRAM];
    unsigned length;
};

static void emit(struct program *p, struct sock_filter instruction) {
    if (p->length < MAX_PROGRAM) p->code[p->length] = instruction;
    p->length++;
}

static void load(struct program *p, size_t offset) {
    emit(p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset));
}

static void answer_with(struct program *p, const struct rule *rule) {
    uint32_t action = SECCOMP_RET_TRAP;
    if (rule->verdict == ALLOWED) action = SECCOMP_RET_ALLOW;
    if (rule->verdict == REFUSED) action = SECCOMP_RET_ERRNO | rule->error;
    emit(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

/* Instructions of one condition: load, perhaps mask, compare. */
static unsigned condition_length(const struct condition *c) {
    return c->mask == ~0u ? 2 : 3;
}

/* A row: its verdict if all conditions hold, else on to what follows it. Answers whether there are conditions. */
static int emit_rule(struct program *p, const struct rule *rule) {
    unsigned count = 0, left = 1;
    for (; count < MAX_CONDITIONS && rule->when[count].mask; count++) left += condition_length(&rule->when[count]);
    for (unsigned i = 0; i < count; i++) {
        const struct condition *c = &rule->when[i];
        load(p, offsetof(struct seccomp_data, args) + 8 * c->arg);
        if (c->mask != ~0u) emit(p, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, c->mask));
        left -= condition_length(c);
        emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, c->own_pid ? (uint32_t)getpid() : c->value, 0, left));
    }
    answer_with(p, rule);
    return count > 0;
}

/* Row `index` of all tables of a filter, or NULL. */
static const struct rule *rule_at(const struct filter *filter, unsigned index) {
    for (int t = 0; t < MAX_TABLES; index -= filter->tables[t++].count)
        if (index < filter->tables[t].count) return &filter->tables[t].rules[index];
    return NULL;
}

static int is_first(const struct filter *filter, unsigned index) {
    for (unsigned i = 0; i < index; i++)
        if (rule_at(filter, i)->call == rule_at(filter, index)->call) return 0;
    return 1;
}

/* All rows of the call of row `index`. */
static void emit_call(struct program *p, const struct filter *filter, unsigned index) {
    static const struct rule otherwise = {.verdict = FORBIDDEN};
    const struct rule *rule = rule_at(filter, index);
    unsigned call = rule->call, jump = p->length;
    emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 1, 0));
    emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JA, 0, 0, 0));
    for (int conditional = 1; conditional && rule; rule = rule_at(filter, ++index)) {
        if (rule->call != call) continue;
        conditional = emit_rule(p, rule);
        if (!conditional) goto done;
    }
    answer_with(p, &otherwise);
done:
    if (p->length <= MAX_PROGRAM) p->code[jump + 1].k = p->length - jump - 2;
}

static void compile(struct program *p, const struct filter *filter) {
    static const struct rule forbidden = {.verdict = FORBIDDEN};
    load(p, offsetof(struct seccomp_data, arch));
    emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0));
    answer_with(p, &forbidden);
    load(p, offsetof(struct seccomp_data, nr));
    emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32, 0, 1));
    answer_with(p, &forbidden);
    for (unsigned i = 0; rule_at(filter, i); i++)
        if (is_first(filter, i)) emit_call(p, filter, i);
    answer_with(p, &forbidden);
}

/* ---- the end of a process that did what it may not ---- */

static const char *process_name;

static char *append(char *to, const char *text) {
    while (*text) *to++ = *text++;
    return to;
}

static char *append_number(char *to, unsigned long value) {
    if (value > 9) to = append_number(to, value / 10);
    *to++ = (char)('0' + value % 10);
    return to;
}

static void on_forbidden(int signal, siginfo_t *info, void *context) {
    char line[160], *end = line;
    unsigned call = (unsigned)info->si_syscall;
    const char *name = call < sizeof call_names / sizeof *call_names ? call_names[call] : NULL;
    (void)signal, (void)context;
    if (info->si_arch != AUDIT_ARCH_X86_64) name = "of another architecture";
    end = append(append(append(end, "gvj: the "), process_name), " made a forbidden system call: ");
    end = append(append_number(append(append(end, name ? name : "unknown"), " ("), call), ")\n");
    if (write(2, line, end - line) < 0) _exit(STATUS + 1);
    _exit(STATUS);
}

/* ---- entry points ---- */

static long install(const struct filter *filter) {
    static struct program program;
    struct sigaction action = {.sa_sigaction = on_forbidden, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    process_name = filter->name;
    trim_prepare();
    compile(&program, filter);
    if (program.length > MAX_PROGRAM) return -E2BIG;
    struct sock_fprog code = {.len = program.length, .filter = program.code};
    if (sigaction(SIGSYS, &action, NULL) || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) return -errno;
    long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW, &code);
    return result > 0 ? -EBUSY : answer(result); /* the thread that cannot have it */
}

SECCOMP(jint, install)(JNI_ARGS, jbyteArray role) {
    char text[32];
    int bad = bytes_to_c(env, role, text, sizeof text);
    if (bad) return bad;
    for (unsigned i = 0; i < filter_count; i++)
        if (!strcmp(filters[i].role, text)) return (jint)install(&filters[i]);
    return -ENOENT;
}

SECCOMP(jlong, probe)(JNI_ARGS, jbyteArray name) {
    char text[64];
    int bad = bytes_to_c(env, name, text, sizeof text);
    return bad ? bad : probe(text);
}
