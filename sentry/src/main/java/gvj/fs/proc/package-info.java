/**
 * proc(5). {@link gvj.fs.proc.ProcFs} is the mount, {@link gvj.fs.proc.SystemFiles} what concerns the whole sandbox,
 * {@link gvj.fs.proc.Sysctl} the tree below sys, {@link gvj.fs.proc.ProcessDirectory} and
 * {@link gvj.fs.proc.TaskFiles} what concerns one process.
 */
package gvj.fs.proc;
