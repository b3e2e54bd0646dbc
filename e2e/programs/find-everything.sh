# Every file of the machine, twice: the second time from what the Sentry remembers. The machine may change meanwhile.
for i in 1 2; do
    n=$(find / -xdev 2>/dev/null | wc -l)
    [ "$n" -gt 1000 ] && echo "many files"
done
