/** ttrpc, containerd's small RPC protocol, on Unix stream sockets: frames, the server's side of a connection, and a client. */
package gvj.ttrpc;
