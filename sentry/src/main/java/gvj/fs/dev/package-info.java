/** The devices below /dev that need no hardware, mem(4), full(4), random(4), and the tree that holds them. */
package gvj.fs.dev;
