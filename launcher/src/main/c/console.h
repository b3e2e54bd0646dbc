/* A pseudoterminal whose master goes to who asked for it; the Sentry has the slave, in raw mode: its own terminal cooks. */
#ifndef GVJ_CONSOLE_H
#define GVJ_CONSOLE_H
#include "json.h"

/* Makes one of process.consoleSize, sends its master to the socket; answers the slave. Fails with a sentence. */
int console_make(const char *socket_path, const struct json *process);
/* Makes it this session's controlling terminal: size changes become SIGWINCH. */
void console_control(int slave);

#endif
