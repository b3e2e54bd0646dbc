#ifndef GVJ_SHA256_H
#define GVJ_SHA256_H
#include <stddef.h>

/* The digest of `bytes` in 64 hexadecimal digits and a NUL (FIPS 180-4). */
void sha256_hex(const char *bytes, size_t length, char hex[65]);

#endif
