# Python's own test_socket: which of its cases fail, if any.
# Left out: AF_VSOCK (docs/compatibility.md).
timeout 250 /usr/bin/python3 -m test -v -i '*VSOCK*' test_socket >log 2>&1 </dev/null
echo "status $?"
grep -E '^(FAIL|ERROR): ' log | sort -u
true
