#!/bin/bash
# Many meetings at fifos: who opens first, and who is gone first, is different each time.
for i in {1..30}; do
    rm -f q; mkfifo q; (echo "through $i" >q &); cat q
done
for i in {1..10}; do diff <(echo a) <(echo a) && cat /dev/fd/3 3< <(echo "by name $i"); done
