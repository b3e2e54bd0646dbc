/* Pseudo-terminals and job control. */
#include "guest.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

static int master, slave;
static char name[64];

static void open_pair(void) {
    int unlock = 0, n = -1;
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
    MUST(master >= 0);
    CHECK_EQ(ioctl(master, TIOCSPTLCK, &unlock), 0);
    CHECK_EQ(ioctl(master, TIOCGPTN, &n), 0);
    snprintf(name, sizeof name, "/dev/pts/%d", n);
    slave = open(name, O_RDWR | O_NOCTTY);
    MUST(slave >= 0);
}

/* What is there within a short time, as a string. */
static char *drain(int fd) {
    static char buf[5000];
    struct pollfd p = {fd, POLLIN, 0};
    int n = 0, k;
    while (n < 4000 && poll(&p, 1, 100) == 1 && (k = read(fd, buf + n, sizeof buf - 1 - n)) > 0)
        n += k;
    buf[n] = 0;
    return buf;
}

static void set_local(tcflag_t off, tcflag_t on_flags) {
    struct termios t;
    CHECK_EQ(tcgetattr(slave, &t), 0);
    t.c_lflag = (t.c_lflag & ~off) | on_flags;
    CHECK_EQ(tcsetattr(slave, TCSANOW, &t), 0);
}

TEST(defaults) {
    struct termios t;
    struct stat st;
    open_pair();
    CHECK_EQ(isatty(slave), 1);
    CHECK_EQ(isatty(master), 1);
    CHECK_STR(ttyname(slave), name);
    CHECK_EQ(tcgetattr(slave, &t), 0);
    CHECK_EQ(t.c_iflag, ICRNL | IXON);
    CHECK_EQ(t.c_oflag, OPOST | ONLCR);
    CHECK_EQ(t.c_lflag, ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN);
    CHECK_EQ(t.c_cc[VINTR], 3);
    CHECK_EQ(t.c_cc[VEOF], 4);
    CHECK_EQ(t.c_cc[VERASE], 127);
    CHECK_EQ(cfgetospeed(&t), B38400);
    CHECK_EQ(fstat(slave, &st), 0);
    CHECK(S_ISCHR(st.st_mode));
    CHECK_EQ(st.st_rdev >> 8, 136);
    CHECK_EQ(st.st_uid, 0);
}

TEST(locked_until_unlocked) {
    int n = -1, fd = open("/dev/ptmx", O_RDWR | O_NOCTTY);
    CHECK_EQ(ioctl(fd, TIOCGPTN, &n), 0);
    snprintf(name, sizeof name, "/dev/pts/%d", n);
    CHECK_ERRNO(open(name, O_RDWR | O_NOCTTY), EIO);
    int unlock = 0;
    CHECK_EQ(ioctl(fd, TIOCSPTLCK, &unlock), 0);
    int s = ioctl(fd, TIOCGPTPEER, O_RDWR | O_NOCTTY);
    CHECK(s >= 0);
    close(s);
    close(fd);
    CHECK_ERRNO(open(name, O_RDWR | O_NOCTTY), ENOENT);
}

TEST(canonical_lines_and_echo) {
    char buf[100] = "";
    open_pair();
    CHECK_EQ(write(master, "hel", 3), 3);
    struct pollfd p = {slave, POLLIN, 0};
    CHECK_EQ(poll(&p, 1, 50), 0); /* no line yet */
    CHECK_EQ(write(master, "lo\rnext", 7), 7);
    CHECK_EQ(read(slave, buf, 100), 6);
    CHECK_STR(buf, "hello\n");
    CHECK_STR(drain(master), "hello\r\nnext");
    CHECK_EQ(write(master, "\n", 1), 1);
    CHECK_EQ(read(slave, buf, 2), 2); /* a line in pieces */
    CHECK_EQ(read(slave, buf, 100), 3);
    CHECK(memcmp(buf, "xt\n", 3) == 0);
}

TEST(line_editing) {
    char buf[100];
    open_pair();
    CHECK_EQ(write(master, "abx\177c\n", 6), 6);
    CHECK_EQ(read(slave, buf, 100), 4);
    CHECK(memcmp(buf, "abc\n", 4) == 0);
    CHECK_STR(drain(master), "abx\b \bc\r\n");
    CHECK_EQ(write(master, "wrong\025right\n", 12), 12); /* ^U */
    CHECK_EQ(read(slave, buf, 100), 6);
    CHECK(memcmp(buf, "right\n", 6) == 0);
    drain(master);
    CHECK_EQ(write(master, "one two\027x\n", 10), 10); /* ^W */
    CHECK_EQ(read(slave, buf, 100), 6);
    CHECK(memcmp(buf, "one x\n", 6) == 0);
    drain(master);
    CHECK_EQ(write(master, "\026\003\n", 3), 3); /* ^V takes the next character as it is */
    CHECK_EQ(read(slave, buf, 100), 2);
    CHECK_EQ(buf[0], 3);
}

TEST(end_of_file) {
    char buf[100];
    open_pair();
    CHECK_EQ(write(master, "\004", 1), 1);
    CHECK_EQ(read(slave, buf, 100), 0);
    CHECK_EQ(write(master, "abc\004", 4), 4);
    CHECK_EQ(read(slave, buf, 100), 3);
    CHECK_EQ(write(master, "x\n", 2), 2);
    CHECK_EQ(read(slave, buf, 100), 2);
}

TEST(raw_mode) {
    char buf[100];
    struct termios t;
    open_pair();
    CHECK_EQ(tcgetattr(slave, &t), 0);
    cfmakeraw(&t);
    CHECK_EQ(tcsetattr(slave, TCSAFLUSH, &t), 0);
    CHECK_EQ(write(master, "a\r\003\004", 4), 4);
    CHECK_EQ(read(slave, buf, 100), 4);
    CHECK(memcmp(buf, "a\r\003\004", 4) == 0);
    CHECK_EQ(write(slave, "\n", 1), 1);
    CHECK_STR(drain(master), "\n"); /* no echo came, and no carriage return */
    t.c_cc[VMIN] = 0;
    t.c_cc[VTIME] = 0;
    CHECK_EQ(tcsetattr(slave, TCSANOW, &t), 0);
    CHECK_EQ(read(slave, buf, 100), 0);
    t.c_cc[VTIME] = 1;
    CHECK_EQ(tcsetattr(slave, TCSANOW, &t), 0);
    long long before = now_ms();
    CHECK_EQ(read(slave, buf, 100), 0);
    CHECK(now_ms() - before >= 80);
    t.c_cc[VMIN] = 3;
    t.c_cc[VTIME] = 0;
    CHECK_EQ(tcsetattr(slave, TCSANOW, &t), 0);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(write(master, "ab", 2), 2);
        nap(40);
        CHECK_EQ(write(master, "c", 1), 1);
        DONE();
    }
    CHECK_EQ(read(slave, buf, 100), 3);
    CHECK_EXIT(pid, 0);
}

TEST(output_processing_and_no_echo) {
    open_pair();
    CHECK_EQ(write(slave, "a\nb\n", 4), 4);
    CHECK_STR(drain(master), "a\r\nb\r\n");
    set_local(ECHO, 0);
    CHECK_EQ(write(master, "secret\n", 7), 7);
    CHECK_STR(drain(master), "");
    set_local(0, ECHO);
    CHECK_EQ(write(master, "\001", 1), 1);
    CHECK_STR(drain(master), "^A");
}

static volatile sig_atomic_t winch;
static void on_winch(int sig GUEST_UNUSED) {
    winch++;
}

TEST(window_size) {
    struct winsize w = {9, 9, 9, 9}, set = {24, 80, 1, 2};
    open_pair();
    CHECK_EQ(ioctl(slave, TIOCGWINSZ, &w), 0);
    CHECK_EQ(w.ws_row + w.ws_col, 0);
    CHECK_EQ(ioctl(master, TIOCSWINSZ, &set), 0);
    CHECK_EQ(ioctl(slave, TIOCGWINSZ, &w), 0);
    CHECK_EQ(w.ws_row * 1000 + w.ws_col, 24080);
    pid_t pid = FORK();
    if (pid == 0) {
        on(SIGWINCH, on_winch, 0);
        CHECK(setsid() > 0);
        CHECK_EQ(ioctl(slave, TIOCSCTTY, 0), 0);
        set.ws_row = 25;
        CHECK_EQ(ioctl(master, TIOCSWINSZ, &set), 0);
        CHECK(UNTIL(winch == 1));
        CHECK_EQ(ioctl(master, TIOCSWINSZ, &set), 0); /* no change: no signal */
        nap(30);
        CHECK_EQ(winch, 1);
        DONE();
    }
    CHECK_EXIT(pid, 0);
}

/* A child that leads a session with the slave as its terminal and runs BODY. */
static pid_t session(void (*body)(void)) {
    pid_t pid = FORK();
    if (pid == 0) {
        signal(SIGHUP, SIG_DFL);
        MUST(setsid() > 0 && ioctl(slave, TIOCSCTTY, 0) == 0);
        body();
        DONE();
    }
    return pid;
}

static void check_terminal(void) {
    pid_t sid = -1;
    CHECK_EQ(tcgetpgrp(slave), getpid());
    CHECK_EQ(ioctl(slave, TIOCGSID, &sid), 0);
    CHECK_EQ(sid, getpid());
    int tty = open("/dev/tty", O_RDWR);
    CHECK(tty >= 0);
    CHECK_EQ(write(tty, "via tty", 7), 7);
    CHECK_ERRNO(tcsetpgrp(slave, 99999999), ESRCH);
    CHECK_ERRNO(tcsetpgrp(slave, -1), EINVAL);
    CHECK_EQ(ioctl(slave, TIOCNOTTY), 0);
}

TEST(controlling_terminal) {
    open_pair();
    pid_t pid = FORK();
    if (pid == 0) {
        MUST(setsid() > 0);
        CHECK_ERRNO(open("/dev/tty", O_RDWR), ENXIO);
        CHECK_ERRNO(tcgetpgrp(slave), ENOTTY);
        DONE();
    }
    CHECK_EXIT(pid, 0);
    pid = session(check_terminal);
    int status;
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK(WIFSIGNALED(status) ? WTERMSIG(status) == SIGHUP : WEXITSTATUS(status) == 0); /* giving it up hangs up */
    CHECK_STR(drain(master), "via tty");
}

static void wait_for_signal(void) {
    CHECK_EQ(write(slave, "ready", 5), 5);
    for (;;)
        pause();
}

TEST(interrupt_and_quit_characters) {
    char keys[] = {3, 28};
    int sigs[] = {SIGINT, SIGQUIT};
    open_pair();
    for (int i = 0; i < 2; i++) {
        pid_t pid = session(wait_for_signal);
        char buf[10];
        CHECK_EQ(read(master, buf, 5), 5);
        CHECK_EQ(write(master, &keys[i], 1), 1);
        CHECK_KILLED(pid, sigs[i]);
        CHECK_STR(drain(master), i == 0 ? "^C" : "^\\");
    }
}

static void job_control(void) {
    int status;
    char c;
    signal(SIGTTOU, SIG_IGN);
    pid_t job = FORK();
    if (job == 0) {
        setpgid(0, 0);
        signal(SIGTTOU, SIG_DFL);
        CHECK_EQ(read(slave, &c, 1), 1); /* in the background: SIGTTIN until it is brought to the front */
        CHECK_EQ(c, 'k');
        CHECK_EQ(read(slave, &c, 1), 1); /* the newline */
        struct termios t;
        tcgetattr(slave, &t);
        raise(SIGSTOP);
        CHECK_EQ(tcsetattr(slave, TCSANOW, &t), 0); /* in the background again: SIGTTOU */
        _exit(5);
    }
    setpgid(job, job);
    CHECK_EQ(waitpid(job, &status, WUNTRACED), job);
    CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTTIN);
    CHECK_EQ(tcsetpgrp(slave, job), 0);
    CHECK_EQ(tcgetpgrp(slave), job);
    kill(-job, SIGCONT);
    CHECK_EQ(write(master, "k\n", 2), 2);
    CHECK_EQ(waitpid(job, &status, WUNTRACED), job);
    CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
    CHECK_EQ(tcsetpgrp(slave, getpgrp()), 0);
    kill(-job, SIGCONT);
    CHECK_EQ(waitpid(job, &status, WUNTRACED), job);
    CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTTOU);
    CHECK_EQ(tcsetpgrp(slave, job), 0);
    kill(-job, SIGCONT);
    CHECK_EXIT(job, 5);
}

TEST(background_jobs_stop) {
    open_pair();
    CHECK_EXIT(session(job_control), 0);
}

static void suspend_key(void) {
    int status;
    signal(SIGTTOU, SIG_IGN);
    pid_t job = FORK();
    if (job == 0) {
        setpgid(0, 0);
        tcsetpgrp(slave, getpid());
        CHECK_EQ(write(slave, "r", 1), 1);
        for (;;)
            pause();
    }
    char c;
    CHECK_EQ(read(master, &c, 1), 1);
    CHECK_EQ(write(master, "\032", 1), 1);
    CHECK_EQ(waitpid(job, &status, WUNTRACED), job);
    CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTSTP);
    kill(job, SIGKILL);
    CHECK_KILLED(job, SIGKILL);
}

TEST(suspend_character) {
    open_pair();
    CHECK_EXIT(session(suspend_key), 0);
}

TEST(orphaned_group_gets_an_error) {
    open_pair();
    pid_t leader = FORK();
    if (leader == 0) {
        MUST(setsid() > 0 && ioctl(slave, TIOCSCTTY, 0) == 0);
        signal(SIGHUP, SIG_IGN);
        int p[2];
        char c;
        MUST(pipe(p) == 0);
        pid_t middle = FORK();
        if (middle == 0) {
            setpgid(0, 0);
            pid_t orphan = FORK();
            if (orphan == 0) {
                pid_t parent = getppid();
                UNTIL(getppid() != parent);
                CHECK_ERRNO(read(slave, &c, 1), EIO); /* nobody could continue it: no SIGTTIN */
                CHECK_EQ(write(p[1], "x", 1), 1);
                DONE();
            }
            nap(20);
            DONE();
        }
        CHECK_EXIT(middle, 0);
        CHECK_EQ(read(p[0], &c, 1), 1);
        DONE();
    }
    CHECK_EXIT(leader, 0);
}

TEST(master_close_hangs_up) {
    char c;
    open_pair();
    pid_t pid = FORK();
    if (pid == 0) {
        MUST(setsid() > 0 && ioctl(slave, TIOCSCTTY, 0) == 0);
        close(master);
        CHECK_EQ(write(slave, "r", 1), 1);
        for (;;)
            pause();
    }
    CHECK_EQ(read(master, &c, 1), 1);
    close(master);
    CHECK_KILLED(pid, SIGHUP);
    CHECK_EQ(read(slave, &c, 1), 0);
    CHECK_ERRNO(write(slave, "x", 1), EIO);
    struct pollfd p = {slave, POLLIN, 0};
    CHECK_EQ(poll(&p, 1, 0), 1);
    CHECK_EQ(p.revents & POLLHUP, POLLHUP);
}

TEST(slave_close_is_seen_by_the_master) {
    char buf[10];
    open_pair();
    CHECK_EQ(write(slave, "bye", 3), 3);
    close(slave);
    CHECK_EQ(read(master, buf, 10), 3); /* what was written first */
    CHECK_ERRNO(read(master, buf, 10), EIO);
    slave = open(name, O_RDWR | O_NOCTTY);
    CHECK(slave >= 0); /* and it can be opened again */
    CHECK_EQ(write(slave, "x", 1), 1);
    CHECK_EQ(read(master, buf, 10), 1);
}

TEST(leader_exit_hangs_up_the_foreground) {
    open_pair();
    int p[2];
    char c;
    MUST(pipe(p) == 0);
    pid_t leader = FORK();
    if (leader == 0) {
        MUST(setsid() > 0 && ioctl(slave, TIOCSCTTY, 0) == 0);
        pid_t child = FORK();
        if (child == 0) {
            close(p[0]);
            for (;;)
                pause();
        }
        _exit(0);
    }
    close(p[1]);
    CHECK_EXIT(leader, 0);
    CHECK_EQ(read(p[0], &c, 1), 0); /* SIGHUP ended the child */
}

TEST(flow_and_queue_calls) {
    int n = -1;
    open_pair();
    CHECK_EQ(write(master, "abc\n", 4), 4);
    CHECK(UNTIL(ioctl(slave, FIONREAD, &n) == 0 && n == 4)); /* the line discipline may take a moment */
    CHECK_EQ(tcflush(slave, TCIFLUSH), 0);
    CHECK_EQ(ioctl(slave, FIONREAD, &n), 0);
    CHECK_EQ(n, 0);
    CHECK_EQ(tcdrain(slave), 0);
    CHECK_EQ(tcsendbreak(slave, 0), 0);
    CHECK_ERRNO(tcflush(slave, 99), EINVAL);
    CHECK_ERRNO(ioctl(slave, TCGETS, 8), EFAULT);
}
