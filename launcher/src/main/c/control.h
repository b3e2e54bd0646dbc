/* The messages between launcher and Sentry; the same table in Java is gvj.boot.Control. */
#ifndef GVJ_CONTROL_H
#define GVJ_CONTROL_H
#include <stdint.h>

enum {
    CONTROL_MAX = 65536, /* no packet is longer */

    /* to the Sentry */
    CONTROL_SIGNAL = 1, /* a: signal that the launcher got */
    CONTROL_WINDOW = 2, /* a: rows, b: columns */

    /* to the launcher */
    CONTROL_EXITED = 16,     /* a: exit status of the first process */
    CONTROL_SIGNALED = 17,   /* a: signal that killed it */
    CONTROL_FAILED = 18,     /* a: status to end with; the reason is on fd 2 already */
    CONTROL_START_GOFER = 19 /* text: "ro|rw SP host-path NUL" for each tree */
};

struct control_message {
    uint32_t type;
    uint32_t a;
    uint32_t b;
};

#endif
