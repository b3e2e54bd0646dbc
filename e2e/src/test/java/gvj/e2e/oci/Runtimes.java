package gvj.e2e.oci;

import gvj.e2e.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.ParameterDeclarations;

/**
 * The runtimes that {@code -Dgvj.oci.runtimes=runc,gvj} names, in that order: a wrong case fails with runc first. runc has
 * no platforms, so it has its turn only in the first of a build's two runs.
 */
public final class Runtimes implements ArgumentsProvider {
    /** The runtimes of this run. */
    public static List<Runtime> all() {
        List<Runtime> all = new ArrayList<>();
        for (String name : System.getProperty("gvj.oci.runtimes", "runc,gvj").split(",")) {
            Runtime runtime = Runtime.valueOf(name.strip().toUpperCase(Locale.ROOT));
            if (runtime == Runtime.GVJ || !Run.PLATFORM.equals("kvm")) {
                all.add(runtime);
            }
        }
        return all;
    }

    /** gvj alone, unless runtimes are named: for cases that have shown with runc that they are right, and take long. */
    public static final class Named implements ArgumentsProvider {
        @Override
        public Stream<? extends Arguments> provideArguments(
                ParameterDeclarations parameters, ExtensionContext context) {
            boolean named = System.getProperty("gvj.oci.runtimes") != null;
            return all().stream()
                    .filter(runtime -> named || runtime == Runtime.GVJ)
                    .map(Arguments::of);
        }
    }

    @Override
    public Stream<? extends Arguments> provideArguments(ParameterDeclarations parameters, ExtensionContext context) {
        boolean gvjOnly = context.getRequiredTestClass().isAnnotationPresent(GvjOnly.class);
        return all().stream()
                .filter(runtime -> runtime == Runtime.GVJ || !gvjOnly)
                .map(Arguments::of);
    }
}
