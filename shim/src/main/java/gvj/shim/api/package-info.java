/** What stands between a shim's server and its services. */
package gvj.shim.api;
