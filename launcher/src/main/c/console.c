/* Pseudoterminals for detached containers and processes (runc's --console-socket). */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "console.h"
#include "launcher.h"

static void set_size(int master, const struct json *size) {
    int64_t rows, columns;
    if (!json_integer(json_get(size, "height"), &rows) || !json_integer(json_get(size, "width"), &columns)) return;
    if (rows <= 0 || rows > UINT16_MAX || columns <= 0 || columns > UINT16_MAX) return;
    struct winsize window = {.ws_row = rows, .ws_col = columns};
    ioctl(master, TIOCSWINSZ, &window);
}

static void send_master(const char *path, int master, unsigned number) {
    const char *name = text("/dev/pts/%u", number);
    int socket = unix_connect(path, SOCK_STREAM);
    if (socket < 0) fail("cannot connect to the console socket %s: %s", path, strerror(errno));
    if (send_with_descriptors(socket, name, strlen(name), &master, 1))
        fail("cannot send the terminal to the console socket %s: %s", path, strerror(errno));
    close(socket);
}

int console_make(const char *socket_path, const struct json *process) {
    int unlock = 0, slave = -1, master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    unsigned number;
    if (master < 0 || ioctl(master, TIOCSPTLCK, &unlock) || ioctl(master, TIOCGPTN, &number) ||
        (slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0)
        fail("cannot make a terminal: %s", strerror(errno));
    struct termios raw;
    if (!tcgetattr(slave, &raw)) {
        cfmakeraw(&raw);
        tcsetattr(slave, TCSANOW, &raw);
    }
    set_size(master, json_get(process, "consoleSize"));
    send_master(socket_path, master, number);
    close(master);
    return slave;
}

void console_control(int slave) {
    ioctl(slave, TIOCSCTTY, 0); /* without it sizes do not follow: nothing worse */
}
