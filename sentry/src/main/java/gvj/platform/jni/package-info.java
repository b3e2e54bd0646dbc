/**
 * The Java face that platforms with a native half share: handles are pointers, and what is fast or exact is C behind
 * {@link gvj.platform.jni.NativeHalf}, which each such platform implements with native methods.
 */
package gvj.platform.jni;
