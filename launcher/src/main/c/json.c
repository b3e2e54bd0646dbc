/*
 * A strict little reader of JSON (RFC 8259). What it reads comes from who called us, or was written by us: never from a
 * container. Depth is bounded because it recurses; size is bounded by who reads the file.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "json.h"
#include "launcher.h"

enum { DEPTH_MAX = 100, DIGITS_MAX = 64 };

struct reader {
    const char *at, *begin, *end;
    const char *problem;
    int depth;
};

static struct json *parse_value(struct reader *in);

static void *wrong(struct reader *in, const char *what) {
    int line = 1;
    for (const char *c = in->begin; c < in->at; c++) line += *c == '\n';
    if (!in->problem) in->problem = text("line %d: %s", line, what);
    return NULL;
}

static void skip_space(struct reader *in) {
    while (in->at < in->end && strchr(" \t\r\n", *in->at) && *in->at) in->at++;
}

static int take(struct reader *in, char c) {
    skip_space(in);
    if (in->at == in->end || *in->at != c) return 0;
    in->at++;
    return 1;
}

static struct json *node(enum json_type type) {
    struct json *made = calloc(1, sizeof *made);
    if (!made) fail("out of memory");
    made->type = type;
    return made;
}

/* ---- strings ---- */

static char *put_utf8(char *to, unsigned code) {
    if (code < 0x80) {
        *to++ = code;
    } else if (code < 0x800) {
        *to++ = 0xc0 | code >> 6;
        *to++ = 0x80 | (code & 0x3f);
    } else if (code < 0x10000) {
        *to++ = 0xe0 | code >> 12;
        *to++ = 0x80 | (code >> 6 & 0x3f);
        *to++ = 0x80 | (code & 0x3f);
    } else {
        *to++ = 0xf0 | code >> 18;
        *to++ = 0x80 | (code >> 12 & 0x3f);
        *to++ = 0x80 | (code >> 6 & 0x3f);
        *to++ = 0x80 | (code & 0x3f);
    }
    return to;
}

/* The four digits behind \u; -1 if they are none. */
static int hex4(struct reader *in) {
    int code = 0;
    for (int i = 0; i < 4; i++, in->at++) {
        if (in->at >= in->end || !isxdigit((unsigned char)*in->at)) return -1;
        char c = *in->at;
        code = code << 4 | (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return code;
}

/* What follows a backslash. A half of a surrogate pair alone is U+FFFD, as for Go. */
static char *escape(struct reader *in, char *to) {
    static const char from[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    char c = in->at < in->end ? *in->at++ : 0;
    const char *known = c ? strchr(from, c) : NULL;
    if (known) {
        *to++ = meant[known - from];
        return to;
    }
    int code = c == 'u' ? hex4(in) : -1;
    if (code < 0) return wrong(in, "a wrong escape in a string");
    if (code == 0) return wrong(in, "a NUL character in a string");
    if (code >= 0xd800 && code < 0xdc00 && in->end - in->at >= 6 && in->at[0] == '\\' && in->at[1] == 'u') {
        const char *back = in->at;
        in->at += 2;
        int low = hex4(in);
        if (low >= 0xdc00 && low < 0xe000) return put_utf8(to, 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00));
        in->at = back;
    }
    return put_utf8(to, code >= 0xd800 && code < 0xe000 ? 0xfffd : code);
}

static char *parse_string(struct reader *in) {
    const char *close = in->at; /* behind the opening quote */
    while (close < in->end && *close != '"') close += *close == '\\' && close + 1 < in->end ? 2 : 1;
    if (close >= in->end) return wrong(in, "a string does not end");
    char *decoded = malloc(close - in->at + 1), *to = decoded;
    if (!decoded) fail("out of memory");
    while (to && in->at < close) {
        if (*in->at == '\\') {
            in->at++;
            to = escape(in, to);
        } else if ((unsigned char)*in->at < 0x20) {
            return wrong(in, "a control character in a string");
        } else {
            *to++ = *in->at++;
        }
    }
    if (!to) return NULL;
    *to = 0;
    in->at = close + 1;
    return decoded;
}

/* ---- numbers, words ---- */

static int digits(struct reader *in) {
    const char *from = in->at;
    while (in->at < in->end && isdigit((unsigned char)*in->at)) in->at++;
    return in->at > from;
}

static struct json *parse_number(struct reader *in) {
    if (*in->at == '-') in->at++;
    if (in->at < in->end && *in->at == '0') in->at++;
    else if (!digits(in)) return wrong(in, "a value is expected");
    if (in->at < in->end && *in->at == '.') {
        in->at++;
        if (!digits(in)) return wrong(in, "a wrong number");
    }
    if (in->at < in->end && (*in->at | 0x20) == 'e') {
        in->at++;
        if (in->at < in->end && (*in->at == '+' || *in->at == '-')) in->at++;
        if (!digits(in)) return wrong(in, "a wrong number");
    }
    return node(JSON_NUMBER);
}

static struct json *parse_word(struct reader *in) {
    static const struct {
        const char *word;
        enum json_type type;
    } words[] = {{"null", JSON_NULL}, {"true", JSON_TRUE}, {"false", JSON_FALSE}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t length = strlen(words[i].word);
        if ((size_t)(in->end - in->at) < length || memcmp(in->at, words[i].word, length)) continue;
        in->at += length;
        return node(words[i].type);
    }
    return wrong(in, "a value is expected");
}

/* ---- arrays, objects ---- */

static struct json *parse_member(struct reader *in) {
    if (!take(in, '"')) return wrong(in, "a name in quotes is expected");
    char *key = parse_string(in);
    if (!key) return NULL;
    if (!take(in, ':')) return wrong(in, "a colon is expected");
    struct json *value = parse_value(in);
    if (value) value->key = key;
    return value;
}

static struct json *parse_container(struct reader *in, enum json_type type, char close) {
    struct json *made = node(type);
    const struct json **last = &made->child;
    in->at++;
    if (take(in, close)) return made;
    if (++in->depth > DEPTH_MAX) return wrong(in, "more than 100 levels deep");
    do {
        struct json *one = type == JSON_OBJECT ? parse_member(in) : parse_value(in);
        if (!one) return NULL;
        *last = one;
        last = &one->next;
    } while (take(in, ','));
    in->depth--;
    if (!take(in, close)) return wrong(in, type == JSON_OBJECT ? "a comma or } is expected" : "a comma or ] is expected");
    return made;
}

static struct json *parse_value(struct reader *in) {
    skip_space(in);
    if (in->at == in->end) return wrong(in, "it ends too early");
    const char *begin = in->at;
    struct json *value;
    if (*begin == '{') {
        value = parse_container(in, JSON_OBJECT, '}');
    } else if (*begin == '[') {
        value = parse_container(in, JSON_ARRAY, ']');
    } else if (*begin == '"') {
        in->at++;
        char *string = parse_string(in);
        value = string ? node(JSON_STRING) : NULL;
        if (value) value->string = string;
    } else if (*begin == '-' || isdigit((unsigned char)*begin)) {
        value = parse_number(in);
    } else {
        value = parse_word(in);
    }
    if (!value) return NULL;
    value->raw = begin;
    value->raw_length = in->at - begin;
    return value;
}

const struct json *json_parse(const char *bytes, size_t length, const char **problem) {
    struct reader in = {.at = bytes, .begin = bytes, .end = bytes + length};
    struct json *root = parse_value(&in);
    if (root) {
        skip_space(&in);
        if (in.at != in.end) root = wrong(&in, "more text behind its end");
    }
    *problem = in.problem;
    return root;
}

const struct json *json_read(const char *path, size_t most) {
    size_t length;
    const char *problem, *bytes = read_file(path, most, &length);
    const struct json *root = json_parse(bytes, length, &problem);
    if (!root) fail("%s: %s", path, problem);
    return root;
}

/* ---- looking at it ---- */

const struct json *json_get(const struct json *object, const char *key) {
    const struct json *found = NULL;
    if (!object || object->type != JSON_OBJECT) return NULL;
    for (const struct json *member = object->child; member; member = member->next)
        if (!strcmp(member->key, key)) found = member;
    return found && found->type != JSON_NULL ? found : NULL;
}

const char *json_string(const struct json *value, const char *otherwise) {
    return value && value->type == JSON_STRING ? value->string : otherwise;
}

int json_truth(const struct json *value) {
    return value && value->type == JSON_TRUE;
}

int json_integer(const struct json *value, int64_t *number) {
    char digits[DIGITS_MAX + 1], *end;
    if (!value || value->type != JSON_NUMBER || value->raw_length > DIGITS_MAX) return 0;
    memcpy(digits, value->raw, value->raw_length); /* behind a number there may be nothing, not even an end of the text */
    digits[value->raw_length] = 0;
    errno = 0;
    *number = strtoll(digits, &end, 10);
    if (errno == ERANGE && *digits != '-') *number = INT64_MAX; /* 2^64-1 is how some write "no limit" */
    return !*end;
}

/* ---- writing ---- */

void put_bytes(struct buffer *buffer, const char *bytes, size_t length) {
    if (buffer->length + length >= buffer->room) {
        buffer->room = (buffer->length + length + 1) * 2;
        buffer->bytes = realloc(buffer->bytes, buffer->room);
        if (!buffer->bytes) fail("out of memory");
    }
    memcpy(buffer->bytes + buffer->length, bytes, length);
    buffer->length += length;
    buffer->bytes[buffer->length] = 0;
}

void put_text(struct buffer *buffer, const char *format, ...) {
    va_list arguments;
    char *made;
    va_start(arguments, format);
    int length = vasprintf(&made, format, arguments);
    va_end(arguments);
    if (length < 0) fail("out of memory");
    put_bytes(buffer, made, length);
    free(made);
}

void put_quoted(struct buffer *buffer, const char *string) {
    put_bytes(buffer, "\"", 1);
    for (const unsigned char *c = (const unsigned char *)string; *c; c++) {
        if (*c == '"' || *c == '\\') put_text(buffer, "\\%c", *c);
        else if (*c == '\n') put_bytes(buffer, "\\n", 2);
        else if (*c < 0x20 || *c == 0x7f) put_text(buffer, "\\u%04x", *c);
        else put_bytes(buffer, (const char *)c, 1);
    }
    put_bytes(buffer, "\"", 1);
}
