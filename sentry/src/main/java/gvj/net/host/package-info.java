/**
 * A socket of the host behind one of ours: its descriptor ({@link gvj.net.host.HostDescriptors}), its data ({@link
 * gvj.net.host.HostTransfer}) and when it is ready ({@link gvj.net.host.HostReadiness}). What an application may ask of it is
 * each family's to say.
 */
package gvj.net.host;
