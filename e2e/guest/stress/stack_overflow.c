/* Endless recursion: SIGSEGV in a child, in a thread and in the program itself (which is how it ends, 139). */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Winfinite-recursion"

static int __attribute__((noinline)) recurse(volatile int *depth) {
    volatile char frame[1000];
    frame[0] = (char)(*depth)++;
    return recurse(depth) + frame[0];
}

static void *in_thread(void *arg) {
    return (void *)(long)recurse(arg);
}

int main(void) {
    volatile int depth = 0;
    int status;
    setvbuf(stdout, NULL, _IONBF, 0);
    for (int i = 0; i < 10; i++) {
        if (fork() == 0)
            _exit(recurse(&depth));
        wait(&status);
        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSEGV)
            return printf("child: status %#x\n", status), 1;
    }
    printf("10 children overflowed\n");
    if (fork() == 0) {
        pthread_t t;
        pthread_create(&t, NULL, in_thread, (void *)&depth);
        pthread_join(t, NULL);
        _exit(0);
    }
    wait(&status);
    printf("thread: %d\n", WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    return recurse(&depth);
}
