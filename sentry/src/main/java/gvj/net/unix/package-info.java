/** AF_UNIX sockets, unix(7). */
package gvj.net.unix;
