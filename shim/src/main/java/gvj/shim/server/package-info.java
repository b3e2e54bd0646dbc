/** The shim's socket: whoever connects speaks ttrpc or gRPC, and reaches the same services. */
package gvj.shim.server;
