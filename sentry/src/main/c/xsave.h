/* XSAVE areas in standard format, as both native halves keep them. Intel SDM 13.4; <asm/sigcontext.h> for byte 464. */
#ifndef GVJ_XSAVE_H
#define GVJ_XSAVE_H
#include <stdint.h>
#include <string.h>

#define XSAVE_FCW 0
#define XSAVE_MXCSR 24
#define XSAVE_MXCSR_MASK 28
#define XSAVE_SOFTWARE 464 /* Linux's signal frames use bytes 464-511; the CPU does not */
#define XSAVE_BV 512
#define XSAVE_HEADER_REST 520
#define XSAVE_EXTENDED 576

/* The bits of MXCSR that this CPU has. */
static inline uint32_t xsave_mxcsr_mask(void)
{
    uint8_t area[512] __attribute__((aligned(16))) = {0};
    uint32_t mask;
    __asm__ volatile("fxsave64 %0" : "=m"(area));
    memcpy(&mask, area + XSAVE_MXCSR_MASK, 4);
    return mask != 0 ? mask : 0xffbf; /* Intel SDM 11.6.6 */
}

/* The state after execve: control word 0x37f, MXCSR 0x1f80, the rest zero. */
static inline void xsave_initial(uint8_t *area, size_t bytes, uint32_t mxcsr_mask)
{
    memset(area, 0, bytes);
    memcpy(area + XSAVE_FCW, &(uint16_t){0x37f}, 2);
    memcpy(area + XSAVE_MXCSR, &(uint32_t){0x1f80}, 4);
    memcpy(area + XSAVE_MXCSR_MASK, &mxcsr_mask, 4);
    memcpy(area + XSAVE_BV, &(uint64_t){3}, 8);
}

/* Clears everything that the CPU or KVM could refuse: the bytes may come from the application. */
static inline void xsave_clean(uint8_t *area, uint64_t features, uint32_t mxcsr_mask)
{
    uint32_t mxcsr;
    uint64_t present;
    memcpy(&mxcsr, area + XSAVE_MXCSR, 4);
    memcpy(&present, area + XSAVE_BV, 8);
    mxcsr &= mxcsr_mask;
    present &= features;
    memcpy(area + XSAVE_MXCSR, &mxcsr, 4);
    memcpy(area + XSAVE_MXCSR_MASK, &mxcsr_mask, 4);
    memcpy(area + XSAVE_BV, &present, 8);
    memset(area + XSAVE_HEADER_REST, 0, XSAVE_EXTENDED - XSAVE_HEADER_REST);
    memset(area + XSAVE_SOFTWARE, 0, XSAVE_BV - XSAVE_SOFTWARE);
}
#endif
