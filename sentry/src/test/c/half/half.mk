# Included by the Makefile in a half's src/test/c, which sets OUT, MAIN, CORE (of $(MAIN)), OWN (beside it) and NEEDS:
# make check [ONLY=basics|hostile|memory|fpu|pool|fuzz|bench|...]: the native half on this machine
HALF := $(dir $(lastword $(MAKEFILE_LIST)))
CFLAGS ?= -O2 -g
SHARED := $(addprefix $(HALF),check.c basics.c hostile.c memory.c fputest.c pooltest.c fuzz.c guest.S)
SOURCES := $(addprefix $(MAIN)/,$(CORE)) $(OWN) $(SHARED)

$(OUT)/check: $(SOURCES) half.h $(HALF)check.h $(HALF)guest_macros.h $(wildcard $(MAIN)/*.h)
	@mkdir -p $(OUT)
	$(CC) -std=gnu11 $(CFLAGS) -Wall -Wextra -Werror -static -pthread -I. -I$(HALF) -I$(HALF)../../../main/c -I$(MAIN) -o $@ $(SOURCES)

check: $(OUT)/check $(NEEDS)
	timeout 600 $(OUT)/check $(ONLY)

.PHONY: check
