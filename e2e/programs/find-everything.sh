# Every file of the machine, counted twice: the second time from what the Sentry remembers.
first=$(find / -xdev 2>/dev/null | wc -l)
second=$(find / -xdev 2>/dev/null | wc -l)
[ "$first" -gt 1000 ] && [ "$((second - first))" -lt 1000 ] && [ "$((first - second))" -lt 1000 ] && echo "many, twice"
