package gvj.boot;

import gvj.abi.Errno;
import gvj.host.Host;
import gvj.host.Mem;
import gvj.kernel.Kernel;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Grants or refuses what {@link Control} calls requests. Nothing that a client sends ends the Sentry. */
final class ControlRequests {
    /** No process or resources object is larger. */
    private static final int MAX_JSON = 4 << 20;

    private static final int CHUNK = 64 << 10;
    /** The status of exec when the process could not even be tried. */
    private static final int STATUS_FAILED = 255;

    private final Kernel kernel;
    private final Sandbox sandbox;
    private final ProcessStarter starter;
    private final StdioFiles files;
    private final Parsers parsers;
    private final Usage usage;

    ControlRequests(
            Kernel kernel, Sandbox sandbox, ProcessStarter starter, StdioFiles files, Parsers parsers, Usage usage) {
        this.kernel = kernel;
        this.sandbox = sandbox;
        this.starter = starter;
        this.files = files;
        this.parsers = parsers;
        this.usage = usage;
    }

    /** Answers the message that {@code client} received last, which is none that registers the client for something. */
    void answer(ControlSocket client) {
        try {
            grant(client);
        } catch (ControlException e) {
            client.say(Control.ERROR, e.errno(), 0, e.getMessage());
        } catch (BootException e) {
            client.say(Control.ERROR, Errno.EINVAL, 0, e.getMessage());
        } catch (RuntimeException e) {
            refuse(client, e);
        }
    }

    private void grant(ControlSocket client) throws ControlException, BootException {
        switch (client.type()) {
            case Control.STATE -> {
                client.send(Control.OK, sandbox.state(), sandbox.processes(), "");
                return;
            }
            case Control.START -> sandbox.start();
            case Control.KILL -> sandbox.kill(client.a(), client.b() == 1);
            case Control.PAUSE -> sandbox.pause();
            case Control.RESUME -> sandbox.resume();
            case Control.PROCESSES -> write(client, ProcessList.json(kernel));
            case Control.STATS -> write(client, usage.json());
            case Control.UPDATE -> sandbox.update(parsers.limits(), read(client));
            default -> throw new ControlException(Errno.ENOSYS, "the Sentry knows no request of type " + client.type());
        }
        client.send(Control.OK, 0);
    }

    /** An error of ours: the client hears of it and the sandbox goes on. */
    private void refuse(ControlSocket client, RuntimeException e) {
        kernel.log("internal error in a request of type " + client.type() + ": " + e);
        client.say(Control.ERROR, Errno.EIO, STATUS_FAILED, "internal error: " + e);
    }

    /** A connection ends for an error of ours. */
    void lost(Throwable e) {
        kernel.log("internal error: a control connection is lost: " + e);
    }

    /** WAIT: says how the first process ended, if it has. */
    void reportIfEnded(ControlSocket client) {
        int status = kernel.exitStatus();
        if (status >= 0) {
            report(client, status);
        }
    }

    /** Says how a process ended; {@code status} is in wait(2)'s format. */
    static void report(ControlSocket client, int status) {
        int signal = status & 0x7f;
        if (signal == 0) {
            client.send(Control.EXITED, status >> 8 & 0xff);
        } else {
            client.send(Control.SIGNALED, signal);
        }
    }

    /** EXEC: the process, started; null if that failed, which the client knows then. */
    ExecSession exec(ControlSocket client) {
        boolean terminal = client.a() == 1;
        List<Integer> descriptors = new ArrayList<>(client.takeDescriptors());
        ExecSession session = null;
        Stdio stdio = new Stdio(files);
        try {
            if (descriptors.size() < 4) {
                throw new ControlException(Errno.EINVAL, "exec takes a process object and three descriptors at least");
            }
            byte[] json = readAll(descriptors.get(0));
            ProcessSpec process = parsers.process().parse(json);
            List<Integer> hostFds = List.copyOf(descriptors.subList(1, descriptors.size()));
            descriptors.subList(1, descriptors.size()).clear(); // no longer ours
            session = new ExecSession(client, starter.joining(withTerminal(process, terminal), hostFds, stdio), stdio);
        } catch (ControlException e) {
            client.say(Control.ERROR, e.errno(), STATUS_FAILED, e.getMessage());
        } catch (BootException e) {
            int status = e.status() == BootException.STATUS ? STATUS_FAILED : e.status();
            client.say(Control.ERROR, 0, status, e.getMessage());
        } catch (RuntimeException e) {
            refuse(client, e);
        }
        close(descriptors);
        if (session != null) {
            session.start();
        } else {
            stdio.drain();
            stdio.close();
        }
        return session;
    }

    /** What the client says about the terminal counts; the object may know its first size. */
    private static ProcessSpec withTerminal(ProcessSpec process, boolean terminal) {
        ProcessSpec.Terminal size = process.terminal();
        return new ProcessSpec(
                process.args(),
                process.env(),
                process.cwd(),
                process.user(),
                process.privileges(),
                process.rlimits(),
                process.oomScoreAdj(),
                terminal ? new ProcessSpec.Terminal(true, size.rows(), size.columns()) : ProcessSpec.Terminal.NONE);
    }

    private static byte[] read(ControlSocket client) throws ControlException {
        List<Integer> descriptors = client.takeDescriptors();
        try {
            return readAll(one(descriptors));
        } finally {
            close(descriptors);
        }
    }

    private static void close(List<Integer> descriptors) {
        for (int descriptor : descriptors) {
            Host.close(descriptor);
        }
    }

    private static int one(List<Integer> descriptors) throws ControlException {
        if (descriptors.size() != 1) {
            throw new ControlException(Errno.EINVAL, "this request comes with one descriptor");
        }
        return descriptors.get(0);
    }

    private static byte[] readAll(int fd) throws ControlException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] chunk = new byte[CHUNK];
        long buffer = Host.malloc(CHUNK);
        try {
            long n;
            while ((n = Host.read(fd, buffer, CHUNK)) != 0) {
                if (n < 0 && n != -Errno.EINTR) {
                    throw new ControlException((int) -n, "cannot read what came with the request");
                }
                Mem.copy(buffer, chunk, 0, (int) Math.max(n, 0));
                all.write(chunk, 0, (int) Math.max(n, 0));
                if (all.size() > MAX_JSON) {
                    throw new ControlException(Errno.E2BIG, "what came with the request is too long");
                }
            }
        } finally {
            Host.free(buffer);
        }
        return all.toByteArray();
    }

    private static void write(ControlSocket client, String text) throws ControlException {
        List<Integer> descriptors = client.takeDescriptors();
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        long buffer = Host.malloc(Math.max(bytes.length, 1));
        try {
            int fd = one(descriptors);
            Mem.copy(bytes, 0, buffer, bytes.length);
            for (long done = 0; done < bytes.length; ) {
                long n = Host.write(fd, buffer + done, bytes.length - done);
                if (n < 0 && n != -Errno.EINTR) {
                    throw new ControlException((int) -n, "cannot write the answer");
                }
                done += Math.max(n, 0);
            }
        } finally {
            Host.free(buffer);
            close(descriptors);
        }
    }
}
