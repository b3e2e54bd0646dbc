package gvj;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import gvj.boot.Plugins;
import gvj.host.Mem;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** The arrows of docs/architecture.md, inside the Sentry and around it. */
class ArchitectureTest {
    private static final JavaClasses SENTRY = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("gvj");

    /** One class uses what the JDK does not export, and nothing else of that kind: see docs/decisions.md. */
    @Test
    void onlyTheJdkIsUsed() {
        classes()
                .that()
                .doNotBelongToAnyOf(Mem.class)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("gvj..", "java..")
                .check(SENTRY);
        classes()
                .that()
                .belongToAnyOf(Mem.class)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "jdk.internal.misc")
                .check(SENTRY);
    }

    /** Formatting for another locale than Locale.US reads files of the JDK, which a confined Sentry cannot. */
    @Test
    void nothingIsFormattedForAnotherLocale() {
        noClasses()
                .that()
                .doNotBelongToAnyOf(Plugins.class)
                .should()
                .accessField(Locale.class, "ROOT").check(SENTRY);
    }

    @Test
    void constantsDependOnNothing() {
        classes()
                .that()
                .resideInAPackage("gvj.abi..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("gvj.abi..", "gvj.host..", "java..")
                .check(SENTRY);
    }

    @Test
    void thePlatformInterfaceKnowsNothingOfTheKernel() {
        classes()
                .that()
                .resideInAPackage("gvj.platform..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("gvj.platform..", "gvj.abi..", "gvj.host..", "java..")
                .check(SENTRY);
    }

    @Test
    void hostAndWireKnowNothingOfTheSentry() {
        noClasses()
                .that()
                .resideInAnyPackage("gvj.host..", "gvj.wire..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("gvj.abi..", "gvj.kernel..", "gvj.vfs..", "gvj.boot..", "gvj.gofer..")
                .check(SENTRY);
    }

    @Test
    void nothingInTheKernelKnowsHowItIsStarted() {
        noClasses()
                .that()
                .resideInAnyPackage("gvj.kernel..", "gvj.mm..", "gvj.vfs..", "gvj.fs..", "gvj.net..", "gvj.platform..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("gvj.boot..")
                .check(SENTRY);
    }

    @Test
    void nativeMethodsAreInTheHostModule() {
        methods()
                .that()
                .haveModifier(JavaModifier.NATIVE)
                .should()
                .beDeclaredInClassesThat()
                .resideInAPackage("gvj.host..")
                .check(SENTRY);
    }
}
