#!/bin/sh
# redis.sh: GET and SET requests a second that redis-server answers to 50 clients on a Unix socket.
socket=$PWD/redis.sock
redis-server --port 0 --unixsocket "$socket" --save '' --appendonly no >redis.log 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; wait $server' EXIT
until redis-cli -s "$socket" ping >/dev/null 2>&1; do
    kill -0 $server 2>/dev/null || { tail -1 redis.log >&2; exit 1; }
    sleep 0.05
done

rate() { # rate TEST REQUESTS
    redis-benchmark -s "$socket" -t "$1" -n "$2" -c 50 --csv | sed -n 's/^"[GS]ET","\([0-9.]*\)".*/\1/p'
}

for test in get set; do
    warm=$(rate $test 1000)
    rate $test "$((${warm%.*} / 2 + 500))"
done
