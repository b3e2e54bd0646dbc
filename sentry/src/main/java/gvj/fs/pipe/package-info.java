/** pipe(7) and fifo(7). */
package gvj.fs.pipe;
