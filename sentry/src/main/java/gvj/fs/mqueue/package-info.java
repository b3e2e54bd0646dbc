/** POSIX message queues: mq_overview(7). */
package gvj.fs.mqueue;
