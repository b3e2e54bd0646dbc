package gvj.runtime;

import gvj.boot.BootException;
import gvj.boot.BootSpec;
import gvj.boot.Control;
import gvj.boot.ControlSocket;
import gvj.boot.Parsers;
import gvj.boot.Sentry;
import gvj.trace.LogFile;
import java.util.List;

/** The Sentry process: reads the boot message whose descriptor is its one argument, checks it, and becomes the Sentry. */
public final class SandboxMain {
    private static final int STATUS_USAGE = 2;
    private static final int STATUS_FAILURE = 125;

    private SandboxMain() {}

    public static void main(String[] arguments) {
        try {
            start(BootMessage.read(Integer.parseInt(arguments[0])));
        } catch (BootException e) {
            System.err.println("gvj: " + e.getMessage());
            System.exit(STATUS_FAILURE);
        }
    }

    private static void start(BootMessage message) {
        ControlSocket control = new ControlSocket(message.controlFd());
        try {
            BootSpec spec = spec(message, control);
            Sentry.run(spec, parsers(spec, message));
        } catch (UsageException e) {
            control.say(Control.FAILED, STATUS_USAGE, 0, e.getMessage());
        } catch (BootException e) {
            control.say(Control.FAILED, e.status(), 0, "gvj: " + e.getMessage());
        }
    }

    private static Parsers parsers(BootSpec spec, BootMessage message) {
        ProcessJson processes = new ProcessJson(spec.first().process().privileges());
        return new Parsers(processes, new ResourcesJson(), new FurtherBundles(message));
    }

    private static BootSpec spec(BootMessage message, ControlSocket control) throws UsageException, BootException {
        CommandLine line = CommandLine.parse(message.arguments());
        Options options = line.options();
        if (line.command() == Command.DO) {
            return DoSpec.of(options, message);
        }
        Bundle bundle = Bundle.parse(options.value("--bundle", "."), message.config());
        AnnotationFlags.apply(bundle.annotations(), options);
        BootSpec spec = bundle.spec(options, message);
        serve(bundle.trees(), control);
        tell(bundle.notes(), spec);
        return spec;
    }

    private static void tell(List<String> notes, BootSpec spec) {
        if (spec.tracing().debug() && !notes.isEmpty()) {
            LogFile log = new LogFile(spec.descriptors().log());
            for (String note : notes) {
                log.line("gvj: " + note);
            }
        }
    }

    /** Asks for the gofer: a bundle may have more trees than a message holds. */
    private static void serve(List<String> trees, ControlSocket control) {
        StringBuilder text = new StringBuilder();
        for (String tree : trees) {
            if (text.length() + tree.length() + 1 > Control.MAX - Control.HEADER) {
                control.send(Control.START_GOFER, 0, 0, text.toString());
                text.setLength(0);
            }
            text.append(tree).append('\0');
        }
        control.send(Control.START_GOFER, 0, 1, text.toString());
    }
}
