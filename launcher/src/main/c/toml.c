/* Reads TOML. Who wrote it is trusted, but may have made mistakes. */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "launcher.h"
#include "toml.h"

noreturn void toml_wrong(const struct toml *toml, const char *problem) {
    fail("%s: line %d: %s", toml->path, toml->line, problem);
}

static const char *skip_blanks(const char *at) {
    while (*at == ' ' || *at == '\t') at++;
    return at;
}

/* A bare word: of a table, or the name of an entry. */
static char *word(struct toml *toml) {
    const char *from = toml->at;
    while (isalnum((unsigned char)*toml->at) || strchr("-_.", *toml->at)) {
        if (!*toml->at) break;
        toml->at++;
    }
    return text("%.*s", (int)(toml->at - from), from);
}

/* "..." with \" and \\, or '...' as it is. */
static char *quoted(struct toml *toml) {
    char quote = *toml->at++, *value = malloc(strlen(toml->at) + 1), *to = value;
    if (!value) fail("out of memory");
    for (;; toml->at++) {
        char c = *toml->at;
        if (!c || c == '\n') toml_wrong(toml, "a string without an end");
        if (c == quote) break;
        if (c == '\\' && quote == '"') {
            c = *++toml->at;
            if (c != '"' && c != '\\') toml_wrong(toml, "an unknown escape in a string");
        }
        *to++ = c;
    }
    toml->at++;
    *to = 0;
    return value;
}

/* true, false or a number. */
static char *plain(struct toml *toml) {
    size_t length = strcspn(toml->at, " \t\r\n#");
    char *value = text("%.*s", (int)length, toml->at);
    if (strcmp(value, "true") && strcmp(value, "false") && (!*value || value[strspn(value, "0123456789")]))
        toml_wrong(toml, "expected a string in quotes, a whole number, true or false");
    toml->at += length;
    return value;
}

/* [name] */
static void read_table(struct toml *toml) {
    toml->at++;
    toml->table = word(toml);
    if (*toml->at++ != ']') toml_wrong(toml, "expected [NAME]");
    toml->entry(toml, NULL, NULL);
}

/* name = value */
static void read_entry(struct toml *toml) {
    char *name = word(toml);
    toml->at = skip_blanks(toml->at);
    if (!*name || *toml->at != '=') toml_wrong(toml, "expected NAME = VALUE");
    toml->at = skip_blanks(toml->at + 1);
    toml->entry(toml, name, *toml->at == '"' || *toml->at == '\'' ? quoted(toml) : plain(toml));
}

static void read_line(struct toml *toml) {
    toml->at = skip_blanks(toml->at);
    if (*toml->at == '[') read_table(toml);
    else if (!strchr("#\r\n", *toml->at)) read_entry(toml);
    toml->at = skip_blanks(toml->at);
    if (*toml->at == '#') toml->at += strcspn(toml->at, "\n");
    if (*toml->at == '\r') toml->at++;
    if (*toml->at && *toml->at != '\n') toml_wrong(toml, "text after the value");
}

void toml_read(struct toml *toml, const char *contents) {
    toml->table = "";
    for (toml->at = contents, toml->line = 1; *toml->at; toml->line++) {
        read_line(toml);
        toml->at += *toml->at == '\n';
    }
}
