/* Prints its arguments and environment as the kernel laid them on the stack. */
#include <stdio.h>

int main(int argc, char **argv, char **envp) {
    printf("argc=%d\n", argc);
    for (int i = 0; i < argc; i++)
        printf("argv[%d]=%s\n", i, argv[i]);
    printf("terminated=%d\n", argv[argc] == NULL);
    for (char **e = envp; *e; e++)
        printf("env %s\n", *e);
    return 0;
}
