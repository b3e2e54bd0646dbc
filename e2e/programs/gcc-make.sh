cat >main.c <<'X'
#include <stdio.h>
#include <stdlib.h>
int twice(int);
int main(int argc, char **argv) { printf("%d\n", twice(atoi(argv[1]))); return argc; }
X
echo 'int twice(int x) { return 2 * x; }' >twice.c
printf 'prog: main.o twice.o\n\t$(CC) -o $@ $^\n%%.o: %%.c\n\t$(CC) -O2 -c -o $@ $<\nclean:\n\trm -f *.o prog\n' >Makefile
make -j2 --no-print-directory -O >log && sort log && ./prog 21; echo "status $?"; touch twice.c; make && make clean && ls
echo 'int main(void){return *(volatile int*)0;}' >crash.c && gcc crash.c -o crash && (./crash; echo "crash $?") 2>/dev/null
gcc -static -O1 main.c twice.c -o static && ./static 4; gcc -fsyntax-only bad.c 2>&1 | tail -1
