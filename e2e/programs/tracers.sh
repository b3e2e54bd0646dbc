# strace and gdb over a program with threads, children and signals.
command -v strace >/dev/null && command -v gdb >/dev/null || { echo "strace or gdb is not installed"; exit 0; }
cat >main.c <<'X'
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
volatile int sum;
static void on(int sig) { sum += sig; }
int twice(int x) { return 2 * x; }
static void *body(void *arg) { sum += twice(20); return arg; }
int main(void) {
    pthread_t t;
    signal(SIGUSR1, on);
    pthread_create(&t, NULL, body, NULL);
    pthread_join(t, NULL);
    raise(SIGUSR1);
    if (fork() == 0)
        _exit(3);
    int status = 0;
    wait(&status);
    getppid();
    printf("sum %d, child %d\n", sum, WEXITSTATUS(status));
    return 5;
}
X
gcc -g -O0 -o main main.c -lpthread
strace -f -qq -e trace=getppid,exit_group -e signal=none -o log ./main; echo "strace $?"
sed 's/^[0-9]* *//; s/= [0-9]*$/= N/' log
strace -f --seccomp-bpf -qq -e trace=getppid -o log ./main; echo "strace $?"; grep -c getppid log
strace -e trace=getppid -e inject=getppid:retval=42 -o log ./main; grep -o '42 (INJECTED)' log
strace -e trace=none -o log ./main; sed 's/si_pid=[0-9]*/si_pid=N/g; s/si_[us]time=[0-9]*/time/g' log | sort
strace -c -f -o log ./main; grep -c clone log
cat >commands <<'X'
set pagination off
set confirm off
break twice
run
backtrace
print x
print $_siginfo.si_signo
finish
print sum
delete
print twice(21)
break on
handle SIGUSR1 nostop noprint pass
continue
stepi
nexti
info threads
delete
continue
X
gdb -nx -batch -x commands ./main 2>&1 | sed 's/0x[0-9a-f]*/ADDRESS/g; s/LWP [0-9]*/LWP N/; s/process [0-9]*/process N/; s/  */ /g; s/^\[\(.*\)\]$/[\1]/' |
    grep -v '^\[\|libthread_db'
sleep 100 & p=$!
until grep -q 'sleep' /proc/$p/comm; do :; done
gdb -nx -batch -p $p -ex 'info inferiors' -ex detach 2>&1 | grep -c 'sleep'
grep '^TracerPid\|^State' /proc/$p/status; kill $p; wait $p 2>/dev/null; echo "sleep $?"
