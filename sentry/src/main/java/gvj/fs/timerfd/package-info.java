/** timerfd_create(2). */
package gvj.fs.timerfd;
