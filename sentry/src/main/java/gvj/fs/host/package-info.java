/** Host descriptors that were handed to the sandbox: its standard input, output and error. */
package gvj.fs.host;
