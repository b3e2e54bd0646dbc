/**
 * Puts the distribution onto a node and tells containerd of it, and takes both away again. What it changes on the host it
 * changes below one directory, where the host's root is mounted.
 */
package gvj.agent.install;
