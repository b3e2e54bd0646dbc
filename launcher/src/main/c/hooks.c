/*
 * Hooks (runtime-spec, config.md "POSIX-platform Hooks"). Input and output are anonymous files: no pipe that somebody would
 * have to empty while waiting.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hooks.h"
#include "launcher.h"

enum { OUTPUT_MAX = 2048, TIMEOUT_MAX = 1000000 };

/* hooks.KIND must be an array: what else it could be must not be run over silently. */
static const struct json *hooks_of(const struct json *hooks, const char *kind, const char **problem) {
    const struct json *list = json_get(hooks, kind);
    if (list && list->type != JSON_ARRAY) *problem = text("config.json: hooks.%s: must be an array", kind);
    return list && list->type == JSON_ARRAY ? list->child : NULL;
}

const char *hooks_wrong(const struct json *hooks) {
    static const char *const kinds[] = {"prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"};
    const char *problem = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        for (const struct json *hook = hooks_of(hooks, kinds[i], &problem); hook && !problem; hook = hook->next)
            if (*json_string(json_get(hook, "path"), "") != '/') problem = text("config.json: hooks.%s: a path is missing or not absolute", kinds[i]);
    return problem;
}

/* The strings of an array, ending in NULL. */
static char **strings(const struct json *array, const char *otherwise) {
    int count = 0;
    const struct json *first = array && array->type == JSON_ARRAY ? array->child : NULL;
    for (const struct json *one = first; one; one = one->next) count++;
    char **result = calloc(count + 2, sizeof *result);
    if (!result) fail("out of memory");
    count = 0;
    for (const struct json *one = first; one; one = one->next) result[count++] = (char *)json_string(one, "");
    if (!count && otherwise) result[0] = (char *)otherwise;
    return result;
}

static noreturn void become(const struct json *hook, const char *path, int input, int output, int network) {
    char **arguments = strings(json_get(hook, "args"), path), **environment = strings(json_get(hook, "env"), NULL);
    default_signals();
    setpgid(0, 0); /* a hook that takes too long is killed with all it started */
    if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0) _exit(126);
    if (network >= 0 && setns(network, CLONE_NEWNET)) {
        dprintf(2, "cannot join the container's network namespace: %s", strerror(errno));
        _exit(126);
    }
    execve(path, arguments, environment);
    dprintf(2, "%s", strerror(errno));
    _exit(127);
}

/* Waits for its end, `timeout` seconds or (0) forever. Answers the wait status, -1 if it had to be killed. */
static int await(pid_t pid, int64_t timeout) {
    int status, fd = (int)syscall(SYS_pidfd_open, pid, 0), late = 0;
    struct pollfd polled = {.fd = fd, .events = POLLIN};
    if (fd >= 0 && timeout > 0) late = !poll(&polled, 1, (int)(timeout > TIMEOUT_MAX ? TIMEOUT_MAX : timeout) * 1000);
    if (late) kill(-pid, SIGKILL);
    if (late) kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (fd >= 0) close(fd);
    return late ? -1 : status;
}

static const char *describe(int status, int64_t timeout) {
    if (status == -1) return text("it took longer than %lld s", (long long)timeout);
    if (WIFSIGNALED(status)) return text("signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    return text("exit status %d", WEXITSTATUS(status));
}

static const char *run(const struct json *hook, const char *kind, int index, const char *state, int network) {
    const char *path = json_string(json_get(hook, "path"), "");
    int64_t timeout = 0;
    char output[OUTPUT_MAX + 1];
    json_integer(json_get(hook, "timeout"), &timeout);
    int input = memfd_create("gvj-hook", MFD_CLOEXEC), result = memfd_create("gvj-hook", MFD_CLOEXEC);
    if (input < 0 || result < 0 || write_all(input, state, strlen(state)) || lseek(input, 0, SEEK_SET))
        return text("cannot run a %s hook: %s", kind, strerror(errno));
    pid_t pid = fork();
    if (pid < 0) return text("cannot run a %s hook: fork: %s", kind, strerror(errno));
    if (!pid) become(hook, path, input, result, network);
    int status = await(pid, timeout);
    ssize_t length = status ? pread(result, output, OUTPUT_MAX, 0) : 0;
    while (length > 0 && (output[length - 1] == '\n' || output[length - 1] == ' ')) length--;
    close(input);
    close(result);
    if (!status) return NULL;
    return text("error running %s hook #%d: %s: %s%s%.*s", kind, index, path, describe(status, timeout),
                length > 0 ? ": " : "", (int)(length > 0 ? length : 0), output);
}

const char *hooks_run(const struct json *hooks, const char *kind, const char *state, int network) {
    const char *problem = NULL;
    int index = 0;
    for (const struct json *hook = hooks_of(hooks, kind, &problem); hook && !problem; hook = hook->next)
        problem = run(hook, kind, index++, state, network);
    return problem;
}
