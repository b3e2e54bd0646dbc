/** Metrics of every sandbox of a node, and the installer. */
package gvj.agent;
