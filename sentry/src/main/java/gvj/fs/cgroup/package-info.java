/** The cgroup2 file system: what a program inside may know of its limits, cgroup(7). */
package gvj.fs.cgroup;
