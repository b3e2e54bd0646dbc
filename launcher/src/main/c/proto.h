/* Protocol buffers by hand: the few fields that the shim's commands read and write. */
#ifndef GVJ_PROTO_H
#define GVJ_PROTO_H
#include <stddef.h>
#include <stdint.h>

#include "json.h"

struct proto {
    const unsigned char *at, *end;
};

struct proto_field {
    unsigned number;
    uint64_t value;      /* of a varint */
    struct proto bytes;  /* of text, bytes or a message; empty otherwise */
};

/* 1 and the next field; 0 at the end; -1 if it is malformed. */
int proto_next(struct proto *in, struct proto_field *field);
char *proto_text(const struct proto_field *field); /* up to its first NUL, if there is one */

void proto_put_number(struct buffer *out, unsigned number, uint64_t value);
void proto_put_bytes(struct buffer *out, unsigned number, const char *bytes, size_t length);
void proto_put_text(struct buffer *out, unsigned number, const char *string);

#endif
