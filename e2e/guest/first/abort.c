/* SIGABRT: 134 by a shell's count. */
#include <stdlib.h>

int main(void) {
    abort();
}
