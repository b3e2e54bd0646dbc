/** Sockets, independent of their family: what socket(7) says of all of them. */
package gvj.net;
