/** The server for gRPC: the only package that needs its libraries. */
package gvj.shim.grpc;
