/* Stub processes that are killed from outside, and that none stays behind. */
#include "own.h"

#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <unistd.h>

DECLARE(call); DECLARE(spin);

static void failed(struct guest *g, int reason)
{
    EQUAL(EXIT_FAILED, reason);
    CHECK(strstr(g->c->failure, "signal 9") != NULL || strstr(g->c->failure, "gone") != NULL);
    EQUAL(0, as_unmap(g->as, DATA, PAGE)); /* does not hang */
    g->c->failure[0] = 0;
    EQUAL(EXIT_FAILED, guest_run(g));
    CHECK(g->c->failure[0] != 0);
    guest_close(g);
}

/* The helper or a thread, while it runs, while it waits, or before it ever ran. */
static void killed_from_outside(void)
{
    for (int i = 0; i < 6; i++) {
        struct guest g;
        struct runner r;
        guest_open(&g, GUEST(spin));
        if (i < 4) {
            ctx_interrupt(g.c);
            EXPECT(&g, EXIT_INTERRUPTED);
        }
        if (i < 2) {
            runner_start(&r, &g);
            sleep_ms(20);
        }
        kill(i & 1 ? g.as->process->child.pid : g.as->process->threads->child.pid, SIGKILL);
        if (i < 2) {
            for (int k = 0; k < 30000 && !atomic_load(&r.done); k++)
                sleep_ms(1);
            CHECK(atomic_load(&r.done));
            pthread_join(r.thread, NULL);
            failed(&g, r.reason);
            continue;
        }
        for (int k = 0; k < 5000 && !atomic_load(&g.as->process->dead); k++)
            sleep_ms(1);
        failed(&g, guest_run(&g));
    }
}

static int children(void)
{
    int n = 0;
    DIR *proc = opendir("/proc");
    CHECK(proc != NULL);
    for (struct dirent *e; (e = readdir(proc)) != NULL;) {
        char path[300], line[512] = "";
        if (!isdigit((unsigned char)e->d_name[0]))
            continue;
        snprintf(path, sizeof path, "/proc/%s/stat", e->d_name);
        FILE *stat = fopen(path, "r");
        if (stat == NULL)
            continue;
        int parent = 0;
        if (fgets(line, sizeof line, stat) != NULL && strrchr(line, ')') != NULL)
            sscanf(strrchr(line, ')') + 1, " %*c %d", &parent);
        fclose(stat);
        n += parent == getpid();
    }
    closedir(proc);
    return n;
}

static void none_stays(void)
{
    for (int i = 0; i < 200; i++) {
        struct guest g;
        guest_open(&g, GUEST(call));
        EXPECT(&g, EXIT_SYSCALL);
        guest_close(&g);
    }
    int n = 0;
    for (int i = 0; i < 1000 && (n = children()) > 13; i++) /* the seed, and six kept ready of two each */
        sleep_ms(10);
    CHECK(n <= 13);
}

void test_processes(void)
{
    killed_from_outside();
    none_stays();
}
