/* System V shared memory, semaphores, message queues. */
#include "guest.h"
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

union semun {
    int val;
    struct semid_ds *buf;
    unsigned short *array;
};

static int op(int id, int n, int value, int flags) {
    struct sembuf b = {n, value, flags};
    return semop(id, &b, 1);
}

TEST(shm_attach_and_share) {
    struct shmid_ds ds;
    int id = shmget(IPC_PRIVATE, 5000, IPC_CREAT | 0600);
    CHECK(id >= 0);
    int *p = shmat(id, NULL, 0);
    CHECK(p != (void *)-1);
    p[10] = 1;
    pid_t pid = FORK();
    if (pid == 0) {
        int *q = shmat(id, NULL, SHM_RDONLY);
        CHECK_EQ(q[10], 1);
        p[10] = 2; /* attachments are inherited */
        CHECK_EQ(q[10], 2);
        DONE();
    }
    CHECK_EXIT(pid, 0);
    CHECK_EQ(p[10], 2);
    CHECK_EQ(shmctl(id, IPC_STAT, &ds), 0);
    CHECK_EQ(ds.shm_segsz, 5000);
    CHECK_EQ(ds.shm_nattch, 1);
    CHECK_EQ(ds.shm_cpid, getpid());
    CHECK_EQ(ds.shm_perm.mode & 0777, 0600);
    CHECK_EQ(shmctl(id, IPC_RMID, NULL), 0);
    p[11] = 3; /* stays until the last detaches */
    CHECK_EQ(shmdt(p), 0);
    CHECK_ERRNO(shmat(id, NULL, 0), EINVAL);
    CHECK_ERRNO(shmdt(p), EINVAL);
}

TEST(shm_attachments) {
    struct shmid_ds ds;
    int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
    char *p = shmat(id, NULL, SHM_RDONLY);
    CHECK_ERRNO(mprotect(p, 4096, PROT_READ | PROT_WRITE), EACCES);
    CHECK_ERRNO(shmat(id, p, 0), EINVAL);
    CHECK(shmat(id, p + 1, SHM_REMAP | SHM_RND) == p);
    CHECK_EQ(shmctl(id, IPC_RMID, NULL), 0);
    char *q = shmat(id, NULL, 0); /* by its id it can be found until it is gone */
    CHECK(q != (void *)-1);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(shmctl(id, IPC_STAT, &ds), 0);
        CHECK_EQ(ds.shm_nattch, 4);
        DONE();
    }
    CHECK_EXIT(pid, 0);
    CHECK_EQ(shmctl(id, IPC_STAT, &ds), 0);
    CHECK_EQ(ds.shm_nattch, 2);
    CHECK_EQ(ds.shm_lpid, pid);
    CHECK_EQ(ds.shm_perm.mode & SHM_DEST, SHM_DEST);
    CHECK_EQ(shmdt(p), 0);
    CHECK_EQ(shmdt(q), 0);
    CHECK_ERRNO(shmctl(id, IPC_STAT, &ds), EINVAL);
}

TEST(shm_errors) {
    key_t key = 0x67550000 + (getpid() & 0xffff);
    CHECK_ERRNO(shmget(key, 4096, 0), ENOENT);
    int id = shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0600);
    CHECK(id >= 0);
    CHECK_ERRNO(shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0600), EEXIST);
    CHECK_EQ(shmget(key, 100, 0), id);
    CHECK_ERRNO(shmget(key, 8192, 0), EINVAL);
    CHECK_ERRNO(shmget(IPC_PRIVATE, 0, IPC_CREAT), EINVAL);
    CHECK_ERRNO(shmat(id, (void *)100, 0), EINVAL);
    CHECK_ERRNO(shmat(-1, NULL, 0), EINVAL);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(setresuid(1000, 1000, 1000), 0);
        CHECK_ERRNO(shmat(id, NULL, 0), EACCES);
        CHECK_ERRNO(shmctl(id, IPC_RMID, NULL), EPERM);
        DONE();
    }
    CHECK_EXIT(pid, 0);
    CHECK_EQ(shmctl(id, IPC_RMID, NULL), 0);
    CHECK_ERRNO(shmget(key, 4096, 0), ENOENT);
}

TEST(sem_values) {
    union semun u;
    unsigned short values[3] = {1, 2, 3};
    int id = semget(IPC_PRIVATE, 3, IPC_CREAT | 0600);
    CHECK(id >= 0);
    u.array = values;
    CHECK_EQ(semctl(id, 0, SETALL, u), 0);
    CHECK_EQ(semctl(id, 2, GETVAL), 3);
    CHECK_EQ(op(id, 2, -3, 0), 0);
    CHECK_ERRNO(op(id, 2, -1, IPC_NOWAIT), EAGAIN);
    CHECK_EQ(op(id, 2, 0, 0), 0); /* waits for zero: it is */
    CHECK_ERRNO(op(id, 0, 0, IPC_NOWAIT), EAGAIN);
    struct sembuf both[2] = {{0, -1, IPC_NOWAIT}, {1, -5, IPC_NOWAIT}};
    CHECK_ERRNO(semop(id, both, 2), EAGAIN);
    CHECK_EQ(semctl(id, 0, GETVAL), 1); /* all or nothing */
    CHECK_EQ(semctl(id, 2, GETPID), getpid());
    CHECK_ERRNO(op(id, 7, 1, 0), EFBIG);
    u.val = 40000;
    CHECK_ERRNO(semctl(id, 0, SETVAL, u), ERANGE);
    CHECK_ERRNO(semctl(id, 9, GETVAL), EINVAL);
    CHECK_ERRNO(semop(id, both, 0), EINVAL);
    CHECK_EQ(semctl(id, 0, IPC_RMID), 0);
    CHECK_ERRNO(op(id, 0, 1, 0), EINVAL);
}

TEST(sem_blocks_and_wakes) {
    int id = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(op(id, 0, -2, 0), 0);
        DONE();
    }
    CHECK(UNTIL(semctl(id, 0, GETNCNT) == 1));
    CHECK_EQ(op(id, 0, 1, 0), 0);
    CHECK_EQ(semctl(id, 0, GETVAL), 1);
    CHECK_EQ(op(id, 0, 1, 0), 0);
    CHECK_EXIT(pid, 0);
    CHECK_EQ(semctl(id, 0, GETVAL), 0);
    pid = FORK();
    if (pid == 0) {
        CHECK_ERRNO(op(id, 0, -1, 0), EIDRM);
        DONE();
    }
    CHECK(UNTIL(semctl(id, 0, GETNCNT) == 1));
    CHECK_EQ(semctl(id, 0, IPC_RMID), 0);
    CHECK_EXIT(pid, 0);
}

TEST(sem_moment_is_enough) {
    union semun u;
    int id = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600);
    CHECK_EQ(op(id, 0, 1, 0), 0);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(op(id, 0, 0, 0), 0);
        DONE();
    }
    CHECK(UNTIL(semctl(id, 0, GETZCNT) == 1));
    CHECK_EQ(op(id, 0, -1, 0), 0); /* zero for a moment only */
    CHECK_EQ(op(id, 0, 1, 0), 0);
    CHECK_EXIT(pid, 0);
    u.val = 0;
    CHECK_EQ(semctl(id, 0, SETVAL, u), 0);
    pid = FORK();
    if (pid == 0) {
        CHECK_EQ(op(id, 0, -1, 0), 0);
        DONE();
    }
    CHECK(UNTIL(semctl(id, 0, GETNCNT) == 1));
    u.val = 1;
    CHECK_EQ(semctl(id, 0, SETVAL, u), 0);
    CHECK_EQ(semctl(id, 0, GETVAL), 0); /* the one that waits had it at once */
    CHECK_EQ(semctl(id, 0, GETPID), pid);
    CHECK_EXIT(pid, 0);
    CHECK_EQ(semctl(id, 0, IPC_RMID), 0);
}

TEST(sem_undo_and_timeout) {
    int id = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(op(id, 0, 5, SEM_UNDO), 0);
        CHECK_EQ(semctl(id, 0, GETVAL), 5);
        DONE();
    }
    CHECK_EXIT(pid, 0);
    CHECK_EQ(semctl(id, 0, GETVAL), 0);
    struct sembuf b = {0, -1, 0};
    struct timespec t = {0, 20000000};
    CHECK_ERRNO(semtimedop(id, &b, 1, &t), EAGAIN);
    CHECK_EQ(semctl(id, 0, IPC_RMID), 0);
}

struct message {
    long type;
    char text[100];
};

TEST(messages_by_type) {
    struct message m = {1, "one"}, got;
    struct msqid_ds ds;
    int id = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
    CHECK(id >= 0);
    CHECK_EQ(msgsnd(id, &m, 4, 0), 0);
    m = (struct message){3, "three"};
    CHECK_EQ(msgsnd(id, &m, 6, 0), 0);
    m = (struct message){2, "two"};
    CHECK_EQ(msgsnd(id, &m, 4, 0), 0);
    CHECK_EQ(msgctl(id, IPC_STAT, &ds), 0);
    CHECK_EQ(ds.msg_qnum, 3);
    CHECK_EQ(msgrcv(id, &got, 100, 3, 0), 6);
    CHECK_STR(got.text, "three");
    CHECK_EQ(msgrcv(id, &got, 100, -2, 0), 4); /* the lowest type up to two */
    CHECK_STR(got.text, "one");
    CHECK_ERRNO(msgrcv(id, &got, 2, 0, 0), E2BIG);
    CHECK_EQ(msgrcv(id, &got, 2, 0, MSG_NOERROR), 2);
    CHECK_ERRNO(msgrcv(id, &got, 100, 0, IPC_NOWAIT), ENOMSG);
    m.type = 0;
    CHECK_ERRNO(msgsnd(id, &m, 4, 0), EINVAL);
    m.type = 1;
    CHECK_ERRNO(msgsnd(id, &m, -1, 0), EINVAL);
    CHECK_EQ(msgctl(id, IPC_RMID, NULL), 0);
    CHECK_ERRNO(msgsnd(id, &m, 4, 0), EINVAL);
}

TEST(messages_block) {
    struct message m = {5, "late"}, got;
    int id = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(msgrcv(id, &got, 100, 5, 0), 5);
        CHECK_STR(got.text, "late");
        CHECK_ERRNO(msgrcv(id, &got, 100, 5, 0), EIDRM);
        DONE();
    }
    m.type = 4;
    CHECK_EQ(msgsnd(id, &m, 5, 0), 0); /* not the one it waits for */
    m.type = 5;
    nap(30);
    CHECK_EQ(msgsnd(id, &m, 5, 0), 0);
    struct msqid_ds ds;
    CHECK(UNTIL(msgctl(id, IPC_STAT, &ds) == 0 && ds.msg_qnum == 1));
    CHECK(UNTIL(state_of(pid) == 'S'));
    nap(30);
    CHECK_EQ(msgctl(id, IPC_RMID, NULL), 0);
    CHECK_EXIT(pid, 0);
}

TEST(messages_handed_over) {
    struct message m = {1, "four"}, got;
    struct msqid_ds ds;
    int id = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
    pid_t first = FORK();
    if (first == 0) {
        CHECK_ERRNO(msgrcv(id, &got, 2, 1, 0), E2BIG);
        DONE();
    }
    CHECK(UNTIL(state_of(first) == 'S'));
    nap(30);
    pid_t second = FORK();
    if (second == 0) {
        CHECK_EQ(msgrcv(id, &got, 100, -3, 0), 5);
        DONE();
    }
    CHECK(UNTIL(state_of(second) == 'S'));
    nap(30);
    CHECK_EQ(msgsnd(id, &m, 5, 0), 0);
    CHECK_EQ(msgctl(id, IPC_STAT, &ds), 0);
    CHECK_EQ(ds.msg_qnum, 0);
    CHECK_EQ(ds.msg_lrpid, second);
    CHECK_EXIT(first, 0);
    CHECK_EXIT(second, 0);
    CHECK_EQ(msgctl(id, IPC_RMID, NULL), 0);
}
