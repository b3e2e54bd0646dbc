/** Pages of the memory file by page number of a file: what tmpfs stores in and what the gofer's files are cached in. */
package gvj.fs.pages;
