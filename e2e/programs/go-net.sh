# Go's own network code: its poller, HTTP with keep-alive, UDP, both families.
command -v go >/dev/null || { echo "go is not installed"; exit 0; }
export GOCACHE=$PWD/cache GOFLAGS=-mod=mod CGO_ENABLED=0 GOTOOLCHAIN=local GO111MODULE=off
cat >main.go <<'X'
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

func serve(network, address string) string {
	listener, err := net.Listen(network, address)
	if err != nil {
		return err.Error()
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %d", r.URL.Path, len(body))
	})}
	go server.Serve(listener)
	defer server.Close()
	var wait sync.WaitGroup
	var lock sync.Mutex
	right := 0
	for i := 0; i < 20; i++ {
		wait.Add(1)
		go func(n int) {
			defer wait.Done()
			for k := 0; k < 10; k++ {
				body := strings.Repeat("x", n*k*1000)
				answer, err := http.Post("http://"+listener.Addr().String()+"/path", "text/plain", strings.NewReader(body))
				if err != nil {
					continue
				}
				text, _ := io.ReadAll(answer.Body)
				answer.Body.Close()
				if string(text) == fmt.Sprintf("/path %d", len(body)) {
					lock.Lock()
					right++
					lock.Unlock()
				}
			}
		}(i)
	}
	wait.Wait()
	return fmt.Sprint(right, " right")
}

func main() {
	fmt.Println("tcp4", serve("tcp4", "127.0.0.1:0"))
	fmt.Println("tcp6", serve("tcp6", "[::1]:0"))
	packets, _ := net.ListenPacket("udp", "127.0.0.1:0")
	client, _ := net.Dial("udp", packets.LocalAddr().String())
	client.Write([]byte("datagram"))
	buffer := make([]byte, 100)
	n, from, err := packets.ReadFrom(buffer)
	fmt.Println("udp", string(buffer[:n]), from.String() == client.LocalAddr().String(), err)
	client.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	_, err = client.Read(buffer)
	fmt.Println("deadline", err.(net.Error).Timeout())
	listener, _ := net.Listen("tcp", "127.0.0.1:0")
	address := listener.Addr().String()
	listener.Close()
	_, err = net.Dial("tcp", address)
	fmt.Println("refused", strings.HasSuffix(err.Error(), "connection refused"))
}
X
go build -o net main.go && ./net
