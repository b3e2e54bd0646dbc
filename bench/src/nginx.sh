#!/bin/sh
# nginx.sh PROGRAMS: requests a second that nginx answers to wrk over TCP on loopback: 16 connections, a file of 1 KiB.
"$1/channel" tcp pingpong >/dev/null || exit
port=$(($$ % 20000 + 20000))
mkdir -p nginx/html
head -c 1024 /dev/zero >nginx/html/index.html
[ "$(id -u)" != 0 ] || user='user root;'
cat >nginx/nginx.conf <<END
$user
daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr;
events { worker_connections 64; }
http {
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    server { listen 127.0.0.1:$port; root html; }
}
END
nginx -p "$PWD/nginx" -c nginx.conf -e stderr 2>nginx/log &
server=$!
trap 'kill $server 2>/dev/null; wait $server' EXIT
until wrk -t1 -c1 -d1s "http://127.0.0.1:$port/" >/dev/null 2>&1; do # which warms up, too
    kill -0 $server 2>/dev/null || { tail -1 nginx/log >&2; exit 1; }
    sleep 0.05
done
wrk -t1 -c16 -d1s "http://127.0.0.1:$port/" >nginx/wrk
sed -n 's/^Requests.sec: *//p' nginx/wrk
