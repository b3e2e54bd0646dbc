package gvj.loader;

import gvj.abi.Errno;
import gvj.kernel.ErrnoException;
import gvj.mm.ArrayIoBuffer;
import gvj.vfs.FileDescription;

/** A program file as the loader reads it: at any offset, never trusting what it holds. */
final class ProgramFile {
    private final FileDescription file;

    ProgramFile(FileDescription file) {
        this.file = file;
    }

    FileDescription description() {
        return file;
    }

    /** Up to {@code length} bytes from {@code offset}; fewer at the end of the file. */
    byte[] read(long offset, int length) {
        byte[] bytes = new byte[length];
        int done = 0;
        while (done < length) {
            long n = file.pread(null, new ArrayIoBuffer(bytes, done, length - done), offset + done);
            if (n < 0) {
                throw ErrnoException.of((int) -n);
            }
            if (n == 0) {
                break;
            }
            done += (int) n;
        }
        return done == length ? bytes : java.util.Arrays.copyOf(bytes, done);
    }

    /** Exactly {@code length} bytes; {@code errno} if the file is shorter. */
    byte[] readFully(long offset, int length, int errno) {
        byte[] bytes = read(offset, length);
        if (bytes.length != length) {
            throw ErrnoException.of(errno);
        }
        return bytes;
    }

    /** Whether it can be mapped at all. */
    boolean isMappable() {
        return file.mappable() != null;
    }

    /** What may stand behind a private mapping of it; ENODEV if it cannot be mapped. */
    gvj.mm.Mappable mappable() {
        gvj.mm.Mappable mappable = file.mappable();
        if (mappable == null) {
            throw ErrnoException.of(Errno.ENODEV);
        }
        return mappable;
    }
}
