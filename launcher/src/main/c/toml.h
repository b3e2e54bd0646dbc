/* The part of TOML that our configuration files need: tables, and NAME = "text" | 'text' | true | false | number. */
#ifndef GVJ_TOML_H
#define GVJ_TOML_H
#include <stdnoreturn.h>

struct toml {
    const char *path, *table; /* the file; the table that an entry stands in, "" before the first */
    const char *at;
    int line;
    void (*entry)(struct toml *toml, const char *name, const char *value); /* name is NULL where a table begins */
    void *context;
};

void toml_read(struct toml *toml, const char *contents); /* path, entry and context are set; fails with path and line */
noreturn void toml_wrong(const struct toml *toml, const char *problem);

#endif
