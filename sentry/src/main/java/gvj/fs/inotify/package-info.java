/** inotify(7). */
package gvj.fs.inotify;
