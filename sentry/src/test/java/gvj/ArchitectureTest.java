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
import gvj.kernel.FileText;
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

    /** Formatting for a locale reads files of the JDK, which a confined Sentry cannot: FileText does without. */
    @Test
    void nothingIsFormattedForALocale() {
        noClasses()
                .that()
                .doNotBelongToAnyOf(FileText.class, Plugins.class)
                .should()
                .callMethod(String.class, "format", String.class, Object[].class)
                .orShould()
                .callMethod(String.class, "format", Locale.class, String.class, Object[].class)
                .orShould()
                .callMethod(String.class, "formatted", Object[].class)
                .check(SENTRY);
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
