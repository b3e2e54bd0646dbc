/* JSON as config.json and state.json have it: read into a tree, written into a buffer. */
#ifndef GVJ_JSON_H
#define GVJ_JSON_H
#include <stddef.h>
#include <stdint.h>

enum json_type { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
    enum json_type type;
    const char *key;         /* of a member, decoded */
    const char *string;      /* decoded, UTF-8, without NUL characters */
    const char *raw;         /* as it stands in the text, which must stay */
    size_t raw_length;
    const struct json *child; /* first element or member */
    const struct json *next;  /* in the same array or object */
};

/* The tree of `text`, or NULL and in *problem a phrase that says what is wrong and in which line. Never freed. */
const struct json *json_parse(const char *text, size_t length, const char **problem);
/* Fails with a sentence that names `path` if the file cannot be read, is longer than `most`, or is no JSON. */
const struct json *json_read(const char *path, size_t most);

/* All of these take NULL, and the wrong type, for a value that is not there: naming what is wrong is Java's. */
const struct json *json_get(const struct json *object, const char *key); /* the last of that name */
const char *json_string(const struct json *value, const char *otherwise);
int json_truth(const struct json *value);
/* 1 and *number if it is a whole number that fits; 0 otherwise. */
int json_integer(const struct json *value, int64_t *number);

/* Text that grows; always ends in NUL. */
struct buffer {
    char *bytes;
    size_t length, room;
};
void put_bytes(struct buffer *buffer, const char *bytes, size_t length);
void put_text(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
void put_quoted(struct buffer *buffer, const char *string); /* as a JSON string */

#endif
