/* Built twice: hello_static (glibc inside) and hello (through the dynamic linker). */
#include <stdio.h>

int main(void) {
    printf("hello, world\n");
    return 0;
}
