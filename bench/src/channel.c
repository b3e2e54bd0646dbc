/* channel pipe|unix|tcp pingpong|bulk: a byte to another process and back, or bytes a second to another process. */
#include "bench.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#define PIECE (64 << 10)

static int in, out; /* of this process */
static char buffer[PIECE];

static void pingpong(void)
{
    if (write(out, buffer, 1) != 1 || read(in, buffer, 1) != 1)
        die("ping-pong");
}

static void bulk(void)
{
    if (write(out, buffer, PIECE) != PIECE)
        die("write");
}

static void peer(int is_bulk)
{
    for (ssize_t n; (n = read(in, buffer, PIECE)) > 0;)
        if (!is_bulk && write(out, buffer, n) != n)
            die("peer");
    _exit(0);
}

static void connect_tcp(int *ends)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    if (listener < 0 && errno == EAFNOSUPPORT)
        lacking("AF_INET");
    ends[0] = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (void *)&address, length) || listen(listener, 1)
        || getsockname(listener, (void *)&address, &length) || connect(ends[0], (void *)&address, length)
        || (ends[1] = accept(listener, NULL, NULL)) < 0)
        die("TCP over loopback");
    close(listener);
    for (int i = 0; i < 2; i++)
        setsockopt(ends[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    int there[2], back[2], ends[2], is_bulk = !strcmp(argv[2], "bulk");
    if (!strcmp(argv[1], "pipe")) {
        if (pipe(there) || pipe(back))
            die("pipe");
    } else {
        if (!strcmp(argv[1], "tcp"))
            connect_tcp(ends);
        else if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
            die("socketpair");
        there[1] = back[0] = ends[0];
        there[0] = back[1] = ends[1];
    }
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0) {
        close(there[1]);
        if (back[0] != there[1])
            close(back[0]);
        in = there[0];
        out = back[1];
        peer(is_bulk);
    }
    close(there[0]);
    if (back[1] != there[0])
        close(back[1]);
    out = there[1];
    in = back[0];
    double each = seconds_each(is_bulk ? bulk : pingpong);
    print_figure(is_bulk ? PIECE / each : each);
    close(out);
    waitpid(pid, NULL, 0);
    return 0;
}
