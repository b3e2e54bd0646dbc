/** epoll(7). */
package gvj.fs.epoll;
