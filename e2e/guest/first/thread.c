/* One thread, joined. */
#include <pthread.h>
#include <stdio.h>

static void *run(void *arg) {
    return (char *)arg + 1;
}

int main(void) {
    pthread_t t;
    void *ret = NULL;
    int rc = pthread_create(&t, NULL, run, (void *)41);
    if (rc == 0)
        rc = pthread_join(t, &ret);
    printf("rc=%d ret=%ld\n", rc, (long)ret);
    return 0;
}
