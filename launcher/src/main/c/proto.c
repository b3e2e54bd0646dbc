/* Protocol buffers by hand. What is read comes from containerd, but every length is checked all the same. */
#define _GNU_SOURCE
#include <limits.h>
#include <string.h>

#include "launcher.h"
#include "proto.h"

enum { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5 };

static int varint(struct proto *in, uint64_t *value) {
    *value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        if (in->at == in->end) return 0;
        unsigned char byte = *in->at++;
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) return 1;
    }
    return 0;
}

int proto_next(struct proto *in, struct proto_field *field) {
    uint64_t tag, length;
    *field = (struct proto_field){0};
    if (in->at == in->end) return 0;
    if (!varint(in, &tag) || tag >> 3 == 0 || tag >> 32) return -1;
    field->number = (unsigned)(tag >> 3);
    switch (tag & 7) {
        case VARINT: return varint(in, &field->value) ? 1 : -1;
        case FIXED64: length = 8; break;
        case FIXED32: length = 4; break;
        case BYTES:
            if (!varint(in, &length)) return -1;
            break;
        default: return -1;
    }
    if (length > (uint64_t)(in->end - in->at)) return -1;
    if ((tag & 7) == BYTES) field->bytes = (struct proto){in->at, in->at + length};
    in->at += length;
    return 1;
}

char *proto_text(const struct proto_field *field) {
    if (field->bytes.end - field->bytes.at > INT_MAX) fail("a text in a message is too long");
    return text("%.*s", (int)(field->bytes.end - field->bytes.at), (const char *)field->bytes.at);
}

static void put_varint(struct buffer *out, uint64_t value) {
    char byte;
    do {
        byte = (char)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
        put_bytes(out, &byte, 1);
    } while (value >>= 7);
}

void proto_put_number(struct buffer *out, unsigned number, uint64_t value) {
    if (!value) return;
    put_varint(out, number << 3 | VARINT);
    put_varint(out, value);
}

void proto_put_bytes(struct buffer *out, unsigned number, const char *bytes, size_t length) {
    put_varint(out, number << 3 | BYTES);
    put_varint(out, length);
    put_bytes(out, bytes, length);
}

void proto_put_text(struct buffer *out, unsigned number, const char *string) {
    proto_put_bytes(out, number, string, strlen(string));
}
