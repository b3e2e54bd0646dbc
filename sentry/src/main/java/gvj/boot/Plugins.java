package gvj.boot;

import gvj.syscalls.SyscallProvider;
import gvj.syscalls.SyscallTable;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.security.SecureRandom;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/** System calls from outside: the {@link SyscallProvider}s of the jars on {@code --plugin-path}. */
public final class Plugins {
    private Plugins() {}

    /** Lets every provider in {@code jars} add its rows, in the order of the jars; each jar has a class loader of its own. */
    public static void load(List<String> jars, SyscallTable table) throws BootException {
        for (String jar : jars) {
            File file = new File(jar);
            if (!file.isFile() || !file.canRead()) {
                throw new BootException("--plugin-path: " + jar + " is not a readable file");
            }
            table.setOrigin(file.getName());
            load(file, table);
        }
        table.setOrigin("sentry");
        if (!jars.isEmpty()) {
            openFiles();
        }
    }

    /** What plug-ins may want of the JDK later comes from files, which the Sentry cannot open once it is confined. */
    private static void openFiles() {
        ZoneId zone = ZoneId.of("Europe/Berlin"); // the time zones; "UTC" would not read them
        String text = String.format(Locale.ROOT, "%,d %s", 1000, zone); // the JDK's image, and its locales
        byte[] random = new byte[text.length()];
        new SecureRandom().nextBytes(random); // the security properties, and the device
    }

    /** The class loader stays open: a provider may load classes at any time. */
    @SuppressWarnings("resource")
    private static void load(File jar, SyscallTable table) throws BootException {
        boolean any = false;
        try {
            URL[] urls = {jar.toURI().toURL()};
            ClassLoader loader = new URLClassLoader(urls, Plugins.class.getClassLoader());
            for (SyscallProvider provider : ServiceLoader.load(SyscallProvider.class, loader)) {
                if (provider.getClass().getClassLoader() == loader) {
                    provider.register(table);
                    any = true;
                }
            }
        } catch (MalformedURLException | ServiceConfigurationError | LinkageError | RuntimeException e) {
            throw new BootException("--plugin-path: " + jar + ": " + e);
        }
        if (!any) {
            throw new BootException("--plugin-path: " + jar
                    + " has no provider: META-INF/services/gvj.syscalls.SyscallProvider must name its class");
        }
    }
}
