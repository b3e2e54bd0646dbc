/* The messages of a sandbox; the same table in Java, with what each one means, is gvj.boot.Control. */
#ifndef GVJ_CONTROL_H
#define GVJ_CONTROL_H
#include <stdint.h>

enum {
    CONTROL_MAX = 65536, /* no packet is longer */

    /* control socket, to the Sentry */
    CONTROL_SIGNAL = 1, /* a: signal that the launcher got */
    CONTROL_WINDOW = 2, /* a: rows, b: columns */

    /* control socket, to the launcher */
    CONTROL_EXITED = 16,      /* a: exit status of the first process */
    CONTROL_SIGNALED = 17,    /* a: signal that killed it */
    CONTROL_FAILED = 18,      /* a: status to end with; text: why */
    CONTROL_START_GOFER = 19, /* text: "ro|rw|up|uk SP host-path NUL" for each tree; b: 1 in the last packet */
    CONTROL_CREATED = 20,     /* the first process waits for START */
    CONTROL_OOM = 21,         /* a: process that was killed */

    /* listening socket: requests; the text says which container of the sandbox is meant, nothing: the first */
    CONTROL_STATE = 32,
    CONTROL_START = 33,
    CONTROL_KILL = 34,      /* a: signal, b: 1 for all processes */
    CONTROL_EXEC = 35,      /* a: 1 with a terminal; descriptors: process, 0, 1, 2, more */
    CONTROL_PAUSE = 36,
    CONTROL_RESUME = 37,
    CONTROL_PROCESSES = 38, /* descriptor to write to */
    CONTROL_STATS = 39,     /* descriptor to write to */
    CONTROL_UPDATE = 40,    /* descriptor to read from */
    CONTROL_WAIT = 41,
    CONTROL_EVENTS = 42,
    CONTROL_CREATE = 43,    /* a: 1 with a terminal; text: id NUL bundle NUL id of whose pid namespace NUL; descriptors: config.json, 0, 1, 2, more */
    CONTROL_SERVED = 44,    /* a: index of the first tree */
    CONTROL_REMOVE = 45,
    CONTROL_METRICS = 46,   /* descriptor to write to */
    CONTROL_TRACE = 47,     /* descriptor to write to; text: id NUL names of calls */
    CONTROL_STACKS = 48,    /* descriptor to write to */
    CONTROL_PROFILE = 49,   /* a: milliseconds; descriptor to write to */

    /* listening socket: answers */
    CONTROL_OK = 64,
    CONTROL_ERROR = 65,   /* a: errno or 0, b: status to end with (exec), text: why */
    CONTROL_STARTED = 66, /* a: pid inside */
    CONTROL_TREES = 67,   /* text as of START_GOFER; b: 1 in the last packet */

    STATE_CREATED = 0, /* a of the answer to CONTROL_STATE; b: processes */
    STATE_RUNNING = 1,
    STATE_PAUSED = 2,
    STATE_STOPPED = 3
};

struct control_message {
    uint32_t type;
    uint32_t a;
    uint32_t b;
};

#endif
