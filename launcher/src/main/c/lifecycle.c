/* gvj start, kill, delete, state, wait, pause, resume: one question to a container's Sentry, or to what it left. */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "commands.h"
#include "control.h"
#include "hooks.h"
#include "pod.h"

enum { KILL_MILLIS = 3000, DEATH_MILLIS = 10000, TICK_MILLIS = 10, SIGNALS = 32 };

static void exactly_one_word(const struct cmdline *cmdline) {
    if (cmdline->word_count != 1) fail("gvj %s: exactly one container id is needed", cmdline->command);
}

/* A request that is answered by OK, or the failure that the Sentry tells. */
static void demand(const struct container *container, uint32_t type, uint32_t a, uint32_t b) {
    struct reply reply;
    if (!client_ask(container, type, a, b, &reply)) {
        if (!state_alive(container)) fail("container not running");
        fail("the Sentry of container %s does not answer", container->id);
    }
    if (reply.type != CONTROL_OK) fail("%s", *reply.text ? reply.text : "the Sentry refused");
}

/* ---- kill ---- */

/* "9", "KILL", "SIGKILL", "sigkill", "RTMIN+1", "RTMAX-1" */
static int signal_number(const char *word) {
    char *end, name[16] = "";
    long number = strtol(word, &end, 10);
    if (*word && !*end) {
        if (number < 1 || number > SIGRTMAX) fail("unknown signal \"%s\"", word);
        return (int)number;
    }
    for (size_t i = 0; word[i] && i < sizeof name - 1; i++) name[i] = (char)toupper((unsigned char)word[i]);
    const char *plain = strncmp(name, "SIG", 3) ? name : name + 3;
    if (!strncmp(plain, "RTMIN", 5) && (!plain[5] || plain[5] == '+')) number = 34 + atol(plain + 5);
    else if (!strncmp(plain, "RTMAX", 5) && (!plain[5] || plain[5] == '-')) number = 64 + atol(plain + 5);
    if (number >= 34 && number <= 64) return (int)number;
    for (int signal = 1; signal < SIGNALS; signal++)
        if (sigabbrev_np(signal) && !strcmp(sigabbrev_np(signal), plain)) return signal;
    if (!strcmp(plain, "IOT")) return SIGABRT;
    if (!strcmp(plain, "CLD")) return SIGCHLD;
    fail("unknown signal \"%s\"", word);
}

/* SIGKILL does not depend on a Sentry that answers, nor on one that says that it kills. */
static void kill_for_sure(const struct container *container, int patience) {
    const struct control_message request = {CONTROL_KILL, SIGKILL, 1};
    struct reply reply; /* a refusal counts, too: it may be ending just now */
    if (client_ask_within(KILL_MILLIS, container, request, &reply) && state_wait_end(container, patience)) return;
    state_kill(container, SIGKILL);
}

/* Whom SIGKILL is for need not be asked how he is. */
static enum status status_for(const struct container *container, int signal) {
    if (signal != SIGKILL) return state_status(container);
    return !state_alive(container) ? STOPPED : container->created ? RUNNING : CREATING;
}

int command_kill(struct cmdline *cmdline) {
    struct container container;
    if (cmdline->word_count < 1 || cmdline->word_count > 2) fail("gvj kill: a container id and a signal are needed");
    state_must_open(&container, cmdline);
    int signal = signal_number(cmdline->word_count > 1 ? cmdline->words[1] : "TERM");
    enum status status = status_for(&container, signal);
    if (status == STOPPED && cmdline->all) return 0;
    if (status == STOPPED) fail("container not running");
    if (status == CREATING) fail("the container is still being created");
    if (signal == SIGKILL) kill_for_sure(&container, DEATH_MILLIS); /* what it wrote by mappings is written back first */
    else demand(&container, CONTROL_KILL, signal, cmdline->all);
    return 0;
}

/* ---- start ---- */

/* These run inside, before the program. A failing one ends the container. */
static void run_start_hooks(const struct container *container) {
    const struct json *hooks = json_get(json_get(container->state, "hooks"), "startContainer");
    const char *problem = NULL, *state = state_json(container, CREATED, 0);
    for (const struct json *hook = hooks ? hooks->child : NULL; hook && !problem; hook = hook->next)
        problem = exec_hook(container, hook, state);
    if (!problem) return;
    kill_for_sure(container, KILL_MILLIS);
    fail("%s", problem);
}

void container_start(const struct container *container) {
    run_start_hooks(container);
    demand(container, CONTROL_START, 0, 0);
    const char *problem = hooks_run(json_get(container->state, "hooks"), "poststart", state_json(container, RUNNING, 0), -1);
    if (problem) warn("%s", problem);
}

int command_start(struct cmdline *cmdline) {
    struct container container;
    exactly_one_word(cmdline);
    state_must_open(&container, cmdline);
    enum status status = state_status(&container);
    if (status == STOPPED) fail("cannot start a container that has stopped");
    if (status == CREATING) fail("cannot start a container that is still being created");
    if (status != CREATED) fail("cannot start an already running container");
    container_start(&container);
    return 0;
}

/* ---- delete ---- */

/* The Sentry that a container was in goes on without it. One whose monitor was killed may be dying yet. */
static void forget(const struct container *container) {
    const struct control_message request = {CONTROL_REMOVE, 0, 0};
    struct reply reply;
    if (!container->sandbox) return;
    for (int waited = 0; waited < DEATH_MILLIS; waited += TICK_MILLIS) {
        if (!client_ask_within(KILL_MILLIS, container, request, &reply)) return; /* the sandbox has ended, too, or does not obey */
        if (reply.type != CONTROL_ERROR || reply.a != EBUSY) return;
        poll(NULL, 0, TICK_MILLIS);
    }
    warn("container %s does not end in sandbox %s", container->id, container->sandbox);
}

void container_remove(struct container *container) {
    forget(container);
    cgroups_remove(&container->cgroups);
    const struct json *hooks = json_get(container->state, "hooks");
    const char *problem = container->state ? hooks_run(hooks, "poststop", state_json(container, STOPPED, 0), -1) : NULL;
    state_remove(container);
    if (problem) warn("%s", problem);
}

static int is_sandbox(const struct container *container) {
    return pod_role(json_get(container->state, "annotations")) == POD_SANDBOX;
}

static int gone(const struct cmdline *cmdline, const struct container *container) {
    if (!cmdline->force) fail("container does not exist: %s", container->id);
    return 0;
}

static void check_deletable(const struct cmdline *cmdline, const struct container *container, enum status status) {
    if (status != CREATED && status != STOPPED)
        fail("cannot delete container %s that is not stopped: %s", container->id, status_names[status]);
    const char *members = is_sandbox(container) ? pod_living(cmdline->state_root, container) : "";
    if (*members) fail("cannot delete sandbox %s: there are containers in it: %s", container->id, members);
}

static int delete_one(struct cmdline *cmdline) {
    struct container container;
    if (!state_open(&container, cmdline)) return gone(cmdline, &container);
    enum status status = state_status(&container);
    int alive = state_alive(&container);
    if (alive && !cmdline->force) check_deletable(cmdline, &container, status);
    if (alive && status == CREATING) state_kill(&container, SIGKILL); /* its maker notices, and undoes the rest */
    else if (alive) kill_for_sure(&container, KILL_MILLIS);
    if (!state_wait_end(&container, DEATH_MILLIS)) fail("cannot delete container %s: it does not end", container.id);
    if (is_sandbox(&container)) pod_await_members(cmdline->state_root, &container);
    if (!state_lock(&container)) return gone(cmdline, &container);
    container_remove(&container);
    return 0;
}

/* In a child: what is wrong with one ends it with a sentence, and the others are deleted all the same. */
static int delete_apart(struct cmdline *cmdline) {
    int status = 0;
    pid_t pid = fork();
    if (pid < 0) fail("cannot fork: %s", strerror(errno));
    if (!pid) _exit(delete_one(cmdline));
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : STATUS_ERROR;
}

int command_delete(struct cmdline *cmdline) {
    if (!cmdline->word_count) fail("gvj delete: a container id is needed");
    if (cmdline->word_count == 1) return delete_one(cmdline);
    int worst = 0;
    for (int i = 0; i < cmdline->word_count; i++) {
        cmdline->id = cmdline->words[i];
        int status = delete_apart(cmdline);
        if (status > worst) worst = status;
    }
    return worst;
}

/* ---- state, wait ---- */

int command_state(struct cmdline *cmdline) {
    struct container container;
    exactly_one_word(cmdline);
    state_must_open(&container, cmdline);
    printf("%s\n", state_json(&container, state_status(&container), 1));
    return fflush(stdout) ? STATUS_ERROR : 0;
}

/* The exit status of the first process, when it has ended. */
static int await_exit(const struct container *container) {
    struct control_message request = {CONTROL_WAIT, 0, 0};
    struct reply reply = {0};
    int socket = client_connect(container);
    if (socket >= 0 && !client_request(socket, container, request, NULL, 0)) client_receive(socket, &reply, -1);
    if (socket >= 0) close(socket);
    while (!state_wait_end(container, DEATH_MILLIS)) {
    }
    int status = state_read_exit(container); /* the monitor knows best: it may be the Sentry that died */
    if (status >= 0) return status;
    return reply.type == CONTROL_EXITED ? (int)(reply.a & 0xff) : reply.type == CONTROL_SIGNALED ? 128 + (int)(reply.a & 0x7f) : STATUS_DEAD;
}

int command_wait(struct cmdline *cmdline) {
    struct container container;
    exactly_one_word(cmdline);
    state_must_open(&container, cmdline);
    printf("{\"id\":\"%s\",\"exitStatus\":%d}\n", container.id, await_exit(&container));
    return fflush(stdout) ? STATUS_ERROR : 0;
}

/* ---- pause, resume ---- */

int command_pause(struct cmdline *cmdline) {
    struct container container;
    exactly_one_word(cmdline);
    state_must_open(&container, cmdline);
    enum status status = state_status(&container);
    if (status != RUNNING && status != CREATED) fail("container not running or created: %s", status_names[status]);
    demand(&container, CONTROL_PAUSE, 0, 0);
    return 0;
}

int command_resume(struct cmdline *cmdline) {
    struct container container;
    exactly_one_word(cmdline);
    state_must_open(&container, cmdline);
    if (state_status(&container) != PAUSED) fail("container not paused");
    demand(&container, CONTROL_RESUME, 0, 0);
    return 0;
}
