#!/bin/sh
# redis.sh unix|tcp: GET and SET requests a second that redis-server answers to 50 clients on a Unix socket or over loopback.
case $1 in
tcp) listen="--bind 127.0.0.1 --port $(($$ % 20000 + 20000))" client="-p $(($$ % 20000 + 20000))" ;;
*) listen="--port 0 --unixsocket $PWD/redis.sock" client="-s $PWD/redis.sock" ;;
esac
redis-server $listen --save '' --appendonly no >redis.log 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; wait $server' EXIT
until redis-cli $client ping >/dev/null 2>&1; do
    kill -0 $server 2>/dev/null || { tail -1 redis.log >&2; exit 1; }
    sleep 0.05
done

rate() { # rate TEST REQUESTS
    redis-benchmark $client -t "$1" -n "$2" -c 50 --csv | sed -n 's/^"[GS]ET","\([0-9.]*\)".*/\1/p'
}

for test in get set; do
    warm=$(rate $test 1000)
    rate $test "$((${warm%.*} / 2 + 500))"
done
