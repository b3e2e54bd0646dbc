/* many_threads [N]: N threads alive at once (1,000), each runs, waits at a gate, runs again. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t arrived = PTHREAD_COND_INITIALIZER, open_gate = PTHREAD_COND_INITIALIZER;
static long here, done, gate;

static void *run(void *arg) {
    (void)arg;
    pthread_mutex_lock(&mutex);
    here++;
    pthread_cond_signal(&arrived);
    while (!gate)
        pthread_cond_wait(&open_gate, &mutex);
    done++;
    pthread_mutex_unlock(&mutex);
    return NULL;
}

int main(int argc, char **argv) {
    long n = argc > 1 ? atol(argv[1]) : 1000;
    pthread_t *t = calloc(n, sizeof *t);
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 65536);
    for (long i = 0; i < n; i++) {
        int rc = pthread_create(&t[i], &attr, run, NULL);
        if (rc)
            return printf("thread %ld: %s\n", i, strerror(rc)), 1;
    }
    pthread_mutex_lock(&mutex);
    while (here < n)
        pthread_cond_wait(&arrived, &mutex);
    gate = 1;
    pthread_cond_broadcast(&open_gate);
    pthread_mutex_unlock(&mutex);
    for (long i = 0; i < n; i++)
        pthread_join(t[i], NULL);
    printf("%ld threads alive, %ld done\n", here, done);
    return done != n;
}
