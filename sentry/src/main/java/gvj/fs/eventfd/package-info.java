/** eventfd(2). */
package gvj.fs.eventfd;
