/* What every monitor does. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "commands.h"
#include "console.h"
#include "control.h"
#include "monitor.h"
#include "oom.h"
#include "sandbox.h"

enum { TITLE_MAX = 1000 };

static struct making *making;
static const struct keeper *keeper;
static int created, abandoned;

/* ---- to the command that makes the container ---- */

static void say_to_maker(uint32_t type, const char *line) {
    struct control_message message = {type, 0, 0};
    char packet[sizeof message + 4096];
    size_t length = strlen(line) > 4095 ? 4095 : strlen(line);
    memcpy(packet, &message, sizeof message);
    memcpy(packet + sizeof message, line, length);
    send(making->client, packet, sizeof message + length, MSG_NOSIGNAL);
}

void monitor_report(const char *line) {
    if (making->client >= 0 && !created) say_to_maker(CONTROL_FAILED, line);
    else tell(line);
}

int monitor_created(void) {
    if (created) return GO_ON;
    created = 1;
    if (chdir("/")) return STATUS_ERROR;
    say_to_maker(CONTROL_CREATED, "");
    return GO_ON;
}

int monitor_has_created(void) {
    return created;
}

void monitor_release_caller(void) {
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; fd <= 2; fd++) dup2(null, fd);
    close(null);
}

/* ---- what that command says ---- */

int monitor_hear(struct control_message *message) {
    ssize_t length = recv(making->client, message, sizeof *message, MSG_DONTWAIT);
    int nothing = length < 0 && (errno == EAGAIN || errno == EINTR);
    if (length != sizeof *message) *message = (struct control_message){0};
    if (nothing) return GO_ON;
    if (!message->type) {
        abandoned = 1; /* it was killed: nobody else will clean up */
        return STATUS_DEAD;
    }
    if (message->type == MONITOR_KEEP) {
        monitor_release_caller();
        close(making->client);
        making->client = -1;
    }
    return GO_ON;
}

/* ---- the end ---- */

/* Out of the container's cgroup, or it could not be removed by its own monitor. */
static void leave_cgroups(const struct cgroups *cgroups) {
    struct cgroups parents = *cgroups;
    for (int i = 0; i < parents.count; i++) {
        int fd = open(text("%s/cgroup.procs", dirname(text("%s", cgroups->at[i].path))), O_WRONLY | O_CLOEXEC);
        if (fd >= 0 && write(fd, "0", 1) < 0) { /* then the cgroup stays: said when it is removed */
        }
        if (fd >= 0) close(fd);
    }
}

static noreturn void end(int status) {
    oom_wait();
    keeper->let_go();
    if (abandoned) {
        leave_cgroups(&making->container.cgroups);
        container_remove(&making->container);
    } else if (created) {
        state_write_exit(&making->container, status);
    }
    exit(status);
}

static void end_failed(const char *line) {
    monitor_report(line);
    end(STATUS_ERROR);
}

/* ---- the beginning ---- */

/* As the bundle says, within what the host allows; not as whoever called us was set. */
static void set_oom_score(void) {
    int64_t score = 0;
    json_integer(json_get(json_get(making->config, "process"), "oomScoreAdj"), &score);
    char *value = text("%d", (int)(score < -1000 ? -1000 : score > 1000 ? 1000 : score));
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd >= 0 && write(fd, value, strlen(value)) < 0) { /* lowering it takes a capability: it stays */
    }
    if (fd >= 0) close(fd);
}

static const char *title_of_it(void) {
    const struct json *args = json_get(json_get(making->config, "process"), "args");
    char *title = text("gvj: %s", making->container.id);
    for (const struct json *one = args ? args->child : NULL; one && strlen(title) < TITLE_MAX; one = one->next)
        title = text("%s %s", title, json_string(one, ""));
    return title;
}

noreturn void monitor_run(struct making *what) {
    making = what;
    keeper = making->sandbox ? &member_keeper : &sandbox_keeper;
    close(making->container.lock); /* the maker's */
    setsid();
    on_failure = end_failed;
    making->container.pid = getpid();
    title_set(title_of_it());
    if (making->own_terminal) console_control(making->terminal);
    set_oom_score();
    keeper->enter(making);
    cgroups_enter(&making->container.cgroups);
    say_to_maker(MONITOR_READY, "");
    end(keeper->keep());
}
