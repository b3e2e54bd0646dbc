/** Files of the host, reached through the gofer: inodes over {@link gvj.wire.GoferClient} and a page cache. */
package gvj.fs.gofer;
