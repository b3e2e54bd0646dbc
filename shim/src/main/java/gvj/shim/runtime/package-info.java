/** Programs that the shim runs, first of all {@code gvj}. */
package gvj.shim.runtime;
