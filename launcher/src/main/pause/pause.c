/*
 * The first process of a pod that containerd leaves to the shim (docs/kubernetes.md, "sandboxer"), inside its sandbox: holds the pod
 * until it is told to end, and reaps whoever loses its parent where all containers of the pod share its pid namespace.
 */
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>

int main(void) {
    sigset_t awaited;
    int came = SIGCHLD;
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGCHLD);
    sigaddset(&awaited, SIGINT);
    sigaddset(&awaited, SIGTERM);
    if (sigprocmask(SIG_BLOCK, &awaited, NULL)) return 1;
    while (came == SIGCHLD) {
        while (waitpid(-1, NULL, WNOHANG) > 0) {
        }
        if (sigwait(&awaited, &came)) return 1;
    }
    return 0;
}
