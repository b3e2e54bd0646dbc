# The stressors check their own results; how often they got round differs.
command -v stress-ng >/dev/null || { echo "stress-ng is not installed"; exit 0; }
stress-ng --quiet --verify --temp-path . --timeout 4s \
    --cpu 1 --vm 1 --vm-bytes 16m --fork 1 --futex 1 --pipe 1 --mmap 1 --mmap-bytes 1m --signal 1 --switch 1
echo "together $?"
for stressor in sigsegv sigfpe sigq kill sigsuspend vfork clone munmap brk stack eventfd poll; do
    stress-ng --quiet --verify --temp-path . --$stressor 2 --$stressor-ops 20 --timeout 60s
    echo "$stressor $?"
done
