package main

import (
	"fmt"
	"os"
	"syscall"
)

func main() {
	result, _, errno := syscall.Syscall(400, 5, 0, 0)
	if errno != 0 {
		fmt.Fprintln(os.Stderr, "square:", errno)
		os.Exit(1)
	}
	fmt.Println(result)
}
