# Python's own test_os: which of its cases fail, if any.
# Left out: what opens AF_INET sockets (docs/compatibility.md).
timeout 250 /usr/bin/python3 -m test -v -i 'test.test_os.TestSendfile.*' test_os >log 2>&1 </dev/null
echo "status $?"
grep -E '^(FAIL|ERROR): ' log | sort -u
true
