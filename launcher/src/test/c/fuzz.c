/*
 * The readers of JSON, TOML and protocol buffers with text that was cut, changed and made up: whatever comes, they end with a tree
 * or with a sentence. Each text is in memory of exactly its length, or ends in NUL where the reader is told no length.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "json.h"
#include "launcher.h"
#include "proto.h"
#include "toml.h"

enum { ROUNDS = 20000, LENGTH_MAX = 512 };

static const char json_seed[] =
    "{\"a\": [1, -2.5e+10, true, null, \"\\u00e9\\ud83d\\ude00\\n\"], \"root\": {\"path\": \"rootfs\", \"readonly\": false},"
    "\"mounts\": [{\"type\": \"bind\", \"options\": [\"ro\"], \"source\": \"/x\"}], \"n\": 18446744073709551615}";
static const char toml_seed[] = "# text\n[flags]\nplatform = \"sys\\\"trap\"\nnumber = 42\nother = 'x' # y\r\n[a.b]\nc = true\n";
static const char proto_seed[] = "\x0a\x05hello\x10\x96\x01\x1a\x03\x08\x01\x10\x1d\x01\x02\x03\x04\x21\x01\x02\x03\x04\x05\x06\x07\x08";

static uint64_t state = 88172645463325252u;

static unsigned any(unsigned limit) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state >> 33) % limit;
}

/* A part of `seed` with some bytes changed, or anything. */
static char *make(const char *seed, size_t seed_length, size_t *length) {
    static char bytes[LENGTH_MAX];
    static const char useful[] = "\"\\{}[],:u0-9eE+.\n\r\t ='#\x80\xff";
    *length = 0;
    if (!any(8)) {
        *length = any(64);
        for (size_t i = 0; i < *length; i++) bytes[i] = any(2) ? (char)any(256) : useful[any(sizeof useful - 1)];
    } else {
        memcpy(bytes, seed, *length = any(3) ? seed_length : any((unsigned)seed_length + 1));
        for (unsigned changes = any(5); changes && *length; changes--)
            bytes[any((unsigned)*length)] = any(2) ? (char)any(256) : useful[any(sizeof useful - 1)];
    }
    char *copy = malloc(*length ? *length : 1);
    memcpy(copy, bytes, *length);
    return copy;
}

static void look(const struct json *value) {
    int64_t number;
    json_integer(value, &number);
    json_string(value, "");
    json_get(value, "root");
    for (const struct json *one = value->type == JSON_ARRAY || value->type == JSON_OBJECT ? value->child : NULL; one; one = one->next) look(one);
}

static int json_is_well(void) {
    size_t length;
    const char *problem = NULL;
    char *text = make(json_seed, sizeof json_seed - 1, &length);
    const struct json *root = json_parse(text, length, &problem);
    if (root) look(root);
    free(text);
    return root || problem;
}

static jmp_buf failed;

static void end(const char *line) {
    (void)line;
    longjmp(failed, 1);
}

static void entry(struct toml *toml, const char *name, const char *value) {
    if (name && !value) toml_wrong(toml, "an entry without a value");
}

static void read_toml(void) {
    size_t length;
    char *text = make(toml_seed, sizeof toml_seed - 1, &length), *copy = strndup(text, length);
    struct toml toml = {.path = "fuzz", .entry = entry};
    on_failure = end; /* each failure takes it away */
    if (!setjmp(failed)) toml_read(&toml, copy);
    free(copy);
    free(text);
}

static void read_proto(void) {
    size_t length;
    struct proto_field field;
    char *text = make(proto_seed, sizeof proto_seed - 1, &length);
    struct proto in = {(const void *)text, (const void *)(text + length)};
    on_failure = end;
    if (!setjmp(failed))
        while (proto_next(&in, &field) > 0)
            if (field.bytes.at) free(proto_text(&field));
    free(text);
}

int fuzz(void) {
    int wrong = 0;
    void (*before)(const char *) = on_failure;
    for (int round = 0; round < ROUNDS; round++) wrong += !json_is_well();
    for (int round = 0; round < ROUNDS; round++) read_toml();
    for (int round = 0; round < ROUNDS; round++) read_proto();
    on_failure = before;
    return wrong;
}
