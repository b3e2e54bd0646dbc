package gvj.boot;

import gvj.abi.Errno;
import gvj.kernel.Kernel;
import gvj.kernel.NewProcess;
import java.util.ArrayList;
import java.util.List;

/** Grants or refuses what {@link Control} calls requests. Nothing that a client sends ends the Sentry. */
final class ControlRequests {
    /** The status of exec when the process could not even be tried. */
    private static final int STATUS_FAILED = 255;

    private final Kernel kernel;
    private final Containers containers;
    private final Creation creation;
    private final Parsers parsers;
    private final Usage usage;
    private final Diagnostics diagnostics;

    ControlRequests(
            Kernel kernel,
            Containers containers,
            Creation creation,
            Parsers parsers,
            Usage usage,
            Diagnostics diagnostics) {
        this.kernel = kernel;
        this.containers = containers;
        this.creation = creation;
        this.parsers = parsers;
        this.usage = usage;
        this.diagnostics = diagnostics;
    }

    /** Answers the message that {@code client} received last, which is none that begins a session. */
    void answer(ControlSocket client) {
        try {
            grant(client, containers.get(client.id()));
        } catch (ControlException e) {
            client.say(Control.ERROR, e.errno(), 0, e.getMessage());
        } catch (BootException e) {
            client.say(Control.ERROR, Errno.EINVAL, 0, e.getMessage());
        } catch (RuntimeException e) {
            refuse(client, e);
        }
    }

    private void grant(ControlSocket client, Container container) throws ControlException, BootException {
        switch (client.type()) {
            case Control.STATE -> {
                client.send(Control.OK, container.state(), container.liveProcesses(), "");
                return;
            }
            case Control.WAIT -> {
                container.audience().addWaiter(client, container);
                return;
            }
            case Control.EVENTS -> container.audience().addWatcher(client);
            case Control.START -> container.start();
            case Control.KILL -> container.kill(client.a(), client.b() == 1);
            case Control.PAUSE -> container.pause();
            case Control.RESUME -> container.resume();
            case Control.PROCESSES -> Attached.write(client, ProcessList.json(container));
            case Control.STATS -> Attached.write(client, usage.json(container.cgroup()));
            case Control.METRICS -> Attached.write(client, diagnostics.metrics());
            case Control.STACKS -> Attached.write(client, diagnostics.stacks());
            case Control.PROFILE -> Attached.write(client, diagnostics.profile(client.a()));
            case Control.UPDATE -> container.update(parsers.limits(), Attached.read(client));
            case Control.REMOVE -> containers.remove(container.id());
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

    /** The client is gone. */
    void forget(ControlSocket client) {
        for (Container container : containers.all()) {
            container.audience().remove(client);
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

    /** Whether something lives with the connection that sent a request of this type. */
    static boolean beginsSession(int type) {
        return type == Control.EXEC || type == Control.CREATE || type == Control.TRACE;
    }

    /** EXEC, CREATE and TRACE: what lives with the connection from now on; null if that failed, which the client knows then. */
    Session session(ControlSocket client) {
        try {
            return switch (client.type()) {
                case Control.EXEC -> exec(client, containers.get(client.id()));
                case Control.TRACE -> diagnostics.trace(client, containers.get(client.id()));
                default -> create(client);
            };
        } catch (ControlException e) {
            client.say(Control.ERROR, e.errno(), STATUS_FAILED, e.getMessage());
        } catch (BootException e) {
            int status = e.status() == BootException.STATUS ? STATUS_FAILED : e.status();
            client.say(Control.ERROR, 0, status, e.getMessage());
        } catch (RuntimeException e) {
            refuse(client, e);
        }
        return null;
    }

    private Session create(ControlSocket client) throws ControlException, BootException {
        Session session = creation.make(client);
        client.send(Control.CREATED, 0);
        return session;
    }

    private Session exec(ControlSocket client, Container container) throws ControlException, BootException {
        boolean terminal = client.a() == 1;
        List<Integer> descriptors = new ArrayList<>(client.takeDescriptors());
        Stdio stdio = new Stdio(container.files());
        ExecSession session = null;
        try {
            if (descriptors.size() < 4) {
                throw new ControlException(Errno.EINVAL, "exec takes a process object and three descriptors at least");
            }
            byte[] json = Attached.readAll(descriptors.get(0));
            ProcessSpec process = parsers.process().parse(json);
            List<Integer> hostFds = List.copyOf(descriptors.subList(1, descriptors.size()));
            descriptors.subList(1, descriptors.size()).clear(); // no longer ours
            NewProcess joined = container.starter().joining(withTerminal(process, terminal), hostFds, stdio);
            session = new ExecSession(client, container, joined, stdio);
        } finally {
            Attached.close(descriptors);
            if (session == null) {
                stdio.drain();
                stdio.close();
            }
        }
        session.start();
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
}
