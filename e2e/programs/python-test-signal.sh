# Python's own test_signal: which of its cases fail, if any.
timeout 250 /usr/bin/python3 -m test -v test_signal >log 2>&1 </dev/null
echo "status $?"
grep -E '^(FAIL|ERROR): ' log | sort -u
true
