/** Loading programs, execve(2) and elf(5): ELF files, their interpreters, scripts, and the first stack. */
package gvj.loader;
