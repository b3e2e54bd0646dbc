/**
 * The narrow set of things our processes ask of the host: native memory and, through one small JNI library, system
 * calls.
 */
package gvj.host;
