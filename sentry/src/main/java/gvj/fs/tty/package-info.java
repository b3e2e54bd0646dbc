/**
 * Terminals: termios(3), the N_TTY line discipline, pseudo terminal pairs and the devpts file system.
 *
 * <p>{@link gvj.fs.tty.Tty} is the terminal a program sees; {@link gvj.fs.tty.TtyInput} and {@link gvj.fs.tty.TtyOutput}
 * are the two directions of its line discipline; {@link gvj.fs.tty.PtyMaster} and {@link gvj.fs.tty.PtySlave} are the
 * open files on its two sides.
 */
package gvj.fs.tty;
