/* The distribution around this program: bin/gvj, lib/, jre/. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "launcher.h"

enum aot aot = AOT_AUTO;

const char *install_path(const char *relative) {
    static char home[4096];
    if (!home[0]) {
        ssize_t length = readlink("/proc/self/exe", home, sizeof home - 1);
        if (length <= 0) fail("cannot find out where gvj is installed: /proc/self/exe: %s", strerror(errno));
        home[length] = 0;
        for (int up = 0; up < 2; up++) { /* HOME/bin/gvj */
            char *slash = strrchr(home, '/');
            if (slash) *slash = 0;
        }
    }
    return text("%s/%s", home, relative);
}
