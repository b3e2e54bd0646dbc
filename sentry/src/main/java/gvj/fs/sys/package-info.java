/** sysfs(5) as far as programs probe it: processors, memory nodes, a few kernel settings and empty classes. */
package gvj.fs.sys;
