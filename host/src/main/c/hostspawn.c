/* gvj.host.HostSpawn: other programs, with exactly the descriptors that they are to have; and terminals for them. */
#include "host.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>

#define SPAWN(type, name) JNIEXPORT type JNICALL Java_gvj_host_HostSpawn_##name

enum { DESCRIPTORS_MAX = 16, WORDS_MAX = 4096, FIRST_FREE = 64 };

/* "word NUL word NUL" as an array that ends with NULL. The text is *bytes, the caller's to free like the array. */
static char **words_of(JNIEnv *env, jbyteArray array, char **bytes) {
    jsize length = array ? (*env)->GetArrayLength(env, array) : 0;
    char **words = calloc(WORDS_MAX + 1, sizeof *words), *text = calloc(1, (size_t)length + 1);
    *bytes = text;
    if (!words || !text) return words;
    if (length) (*env)->GetByteArrayRegion(env, array, 0, length, (jbyte *)text);
    int count = 0;
    for (char *at = text; at < text + length && count < WORDS_MAX; at += strlen(at) + 1) words[count++] = at;
    return words;
}

/* Sources above every target first, so that no dup2 overwrites one that is needed yet. */
static int plan(posix_spawn_file_actions_t *actions, const int *fds, int *moved, int count, const char *directory) {
    int error = 0;
    for (int i = 0; i < count; i++) {
        moved[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, FIRST_FREE);
        if (moved[i] < 0) return errno;
    }
    for (int i = 0; i < count && !error; i++) error = posix_spawn_file_actions_adddup2(actions, moved[i], i);
    if (!error) error = posix_spawn_file_actions_addclosefrom_np(actions, count);
    if (!error && *directory) error = posix_spawn_file_actions_addchdir_np(actions, directory);
    return error;
}

static int start(char **arguments, char **environment, const int *fds, int count, const char *directory) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    int moved[DESCRIPTORS_MAX];
    pid_t pid = -1;
    for (int i = 0; i < DESCRIPTORS_MAX; i++) moved[i] = -1;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none); /* the JVM blocks and handles signals that are no business of others */
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    int error = plan(&actions, fds, moved, count, directory);
    if (!error) error = posix_spawn(&pid, arguments[0], &actions, &attributes, arguments, environment);
    for (int i = 0; i < count; i++)
        if (moved[i] >= 0) close(moved[i]);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return error ? -error : pid;
}

SPAWN(jint, spawn)(JNI_ARGS, jbyteArray arguments, jbyteArray environment, jbyteArray directory, jintArray descriptors) {
    int fds[DESCRIPTORS_MAX];
    char *argument_text, *environment_text, *directory_text;
    jsize count = descriptors ? (*env)->GetArrayLength(env, descriptors) : 0;
    if (count > DESCRIPTORS_MAX) return -EINVAL;
    if (count) (*env)->GetIntArrayRegion(env, descriptors, 0, count, fds);
    char **words = words_of(env, arguments, &argument_text);
    char **variables = words_of(env, environment, &environment_text);
    char **where = words_of(env, directory, &directory_text);
    jint result = -ENOMEM;
    if (words && variables && where && argument_text && environment_text && directory_text)
        result = words[0] ? start(words, variables, fds, count, directory_text) : -EINVAL;
    free(words);
    free(variables);
    free(where);
    free(argument_text);
    free(environment_text);
    free(directory_text);
    return result;
}

SPAWN(jint, waitpid)(JNI_ARGS, jint pid, jint flags) {
    int status;
    pid_t waited;
    if (pid <= 0) return -EINVAL;
    while ((waited = waitpid(pid, &status, flags)) < 0 && errno == EINTR) {
    }
    if (waited <= 0) return waited < 0 ? -errno : -EAGAIN;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

SPAWN(jint, kill)(JNI_ARGS, jint pid, jint signal) { return pid > 0 ? answer(kill(pid, signal)) : -EINVAL; }

SPAWN(jint, pidfdOpen)(JNI_ARGS, jint pid) {
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    return fd < 0 ? -errno : fd;
}

SPAWN(jint, openTerminal)(JNI_ARGS, jlong fds) {
    int unlock = 0, *pair = PTR(fds), master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios raw;
    if (master < 0) return -errno;
    int slave = ioctl(master, TIOCSPTLCK, &unlock) ? -1 : ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (slave < 0 || tcgetattr(slave, &raw)) {
        int error = errno;
        close(master);
        if (slave >= 0) close(slave);
        return -error;
    }
    cfmakeraw(&raw);
    tcsetattr(slave, TCSANOW, &raw);
    pair[0] = master;
    pair[1] = slave;
    return 0;
}

SPAWN(jint, listenUnix)(JNI_ARGS, jbyteArray path) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int bad = bytes_to_c(env, path, name.sun_path, sizeof name.sun_path);
    int fd = bad ? bad : socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return bad ? bad : -errno;
    if (!bind(fd, (struct sockaddr *)&name, sizeof name) && !listen(fd, 1)) return fd;
    int error = errno;
    close(fd);
    return -error;
}
