/** System V shared memory, semaphores and message queues: sysvipc(7), one set of each per IPC namespace. */
package gvj.kernel.ipc;
