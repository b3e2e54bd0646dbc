/** signalfd(2). */
package gvj.fs.signalfd;
