#!/bin/bash
set -m
sleep 100 &
kill -STOP %1; sleep 0.2; jobs %1 | awk '{ print $2 }'
kill -CONT %1; sleep 0.2; jobs %1 | awk '{ print $2 }'
kill %1; wait %1 2>/dev/null; echo $?
(sleep 0.1; exit 9) & wait -n; echo "wait -n $?"
ps -o stat= -p $$ | cut -c1
