/** Standard input, output and error: FIFOs, files, loggers, terminals. */
package gvj.shim.io;
