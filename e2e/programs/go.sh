# A static Go program with goroutines.
command -v go >/dev/null || { echo "go is not installed"; exit 0; }
export GOCACHE=$PWD/cache GOFLAGS=-mod=mod CGO_ENABLED=0 GOTOOLCHAIN=local GO111MODULE=off
cat >main.go <<'X'
package main

import (
	"fmt"
	"os/exec"
	"runtime"
	"sync"
	"time"
)

func main() {
	var wait sync.WaitGroup
	results := make(chan int, 100)
	for i := 0; i < 100; i++ {
		wait.Add(1)
		go func(n int) { defer wait.Done(); time.Sleep(time.Millisecond); results <- n }(i)
	}
	wait.Wait()
	close(results)
	sum := 0
	for n := range results {
		sum += n
	}
	runtime.GC()
	out, err := exec.Command("echo", "from a child").Output()
	fmt.Println(sum, string(out), err)
	select {
	case <-time.After(50 * time.Millisecond):
		fmt.Println("timer")
	}
}
X
go build -o prog main.go && ./prog
