package gvj.loader;

/**
 * A program ready to run.
 *
 * @param instructionPointer where it begins
 * @param stackPointer points at argc
 * @param name the comm name: the last component of the path executed
 */
public record LoadedProgram(long instructionPointer, long stackPointer, String name) {}
