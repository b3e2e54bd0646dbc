/* SHA-256, for names: FIPS 180-4. The constants are made as the standard defines them, from the roots of the first primes. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "sha256.h"

static uint32_t rotate(uint32_t x, int by) {
    return x >> by | x << (32 - by);
}

static uint32_t fraction(long double root) {
    return (uint32_t)((root - floorl(root)) * 4294967296.0L);
}

static void constants(uint32_t state[8], uint32_t round[64]) {
    for (int n = 2, found = 0; found < 64; n++) {
        int prime = 1;
        for (int d = 2; d * d <= n; d++) prime &= n % d != 0;
        if (!prime) continue;
        if (found < 8) state[found] = fraction(sqrtl(n));
        round[found++] = fraction(cbrtl(n));
    }
}

static void block(uint32_t state[8], const uint32_t round[64], const unsigned char *bytes) {
    uint32_t w[64], v[8];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)bytes[4 * i] << 24 | bytes[4 * i + 1] << 16 | bytes[4 * i + 2] << 8 | bytes[4 * i + 3];
    for (int i = 16; i < 64; i++)
        w[i] = w[i - 16] + (rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3) + w[i - 7] +
               (rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10);
    memcpy(v, state, sizeof v);
    for (int i = 0; i < 64; i++) {
        uint32_t first = v[7] + (rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25)) + ((v[4] & v[5]) ^ (~v[4] & v[6])) + round[i] + w[i];
        uint32_t second = (rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22)) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += first;
        v[0] = first + second;
    }
    for (int i = 0; i < 8; i++) state[i] += v[i];
}

void sha256_hex(const char *bytes, size_t length, char hex[65]) {
    uint32_t state[8], round[64];
    unsigned char last[128] = {0};
    size_t whole = length / 64 * 64, rest = length - whole, padded = rest < 56 ? 64 : 128;
    constants(state, round);
    for (size_t at = 0; at < whole; at += 64) block(state, round, (const unsigned char *)bytes + at);
    memcpy(last, bytes + whole, rest);
    last[rest] = 0x80;
    for (int i = 0; i < 8; i++) last[padded - 1 - i] = (unsigned char)((uint64_t)length * 8 >> 8 * i);
    for (size_t at = 0; at < padded; at += 64) block(state, round, last + at);
    for (int i = 0; i < 8; i++) sprintf(hex + 8 * i, "%08x", state[i]);
}
