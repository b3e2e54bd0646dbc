# Python's own test_signal: which of its cases fail, if any.
# Left out: what opens AF_INET sockets (docs/compatibility.md).
timeout 250 /usr/bin/python3 -m test -v -i 'test.test_signal.WakeupFDTests.test_invalid_socket' -i 'test.test_signal.WakeupFDTests.test_set_wakeup_fd_socket_result' test_signal >log 2>&1 </dev/null
echo "status $?"
grep -E '^(FAIL|ERROR): ' log | sort -u
true
