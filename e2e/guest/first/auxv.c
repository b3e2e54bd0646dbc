/* The parts of the auxiliary vector that do not differ between two runs. */
#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

int main(void) {
    unsigned long phdr = getauxval(AT_PHDR);
    printf("pagesz=%lu clktck=%lu phent=%lu\n", getauxval(AT_PAGESZ), getauxval(AT_CLKTCK), getauxval(AT_PHENT));
    printf("phdr=%d phnum=%d entry=%d\n", phdr != 0, getauxval(AT_PHNUM) > 2, getauxval(AT_ENTRY) != 0);
    printf("uid=%d euid=%d gid=%d egid=%d secure=%lu\n", getauxval(AT_UID) == getuid(),
           getauxval(AT_EUID) == geteuid(), getauxval(AT_GID) == getgid(), getauxval(AT_EGID) == getegid(),
           getauxval(AT_SECURE));
    printf("random=%d platform=%s execfn=%s\n", getauxval(AT_RANDOM) != 0, (char *)getauxval(AT_PLATFORM),
           strrchr((char *)getauxval(AT_EXECFN), '/') ? strrchr((char *)getauxval(AT_EXECFN), '/') + 1 : "?");
    return 0;
}
