# Python's own tests; what does not hold in a container at all is left out.
have() { /usr/bin/python3 -c "import test.test_select" 2>/dev/null; }
have || { echo "python3's own tests are not installed"; exit 0; }
for t in test_select test_mmap test_threading test_signal; do
    timeout 250 /usr/bin/python3 -m test -q "$t" >log 2>&1; echo "$t $?"
done
