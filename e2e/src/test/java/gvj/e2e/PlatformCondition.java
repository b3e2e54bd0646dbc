package gvj.e2e;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Without /dev/kvm the tests of that platform fail, unless GVJ_ALLOW_NO_KVM says that this is known. */
public final class PlatformCondition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        boolean missing = Run.PLATFORM.equals("kvm") && !Files.isWritable(Path.of("/dev/kvm"));
        if (missing && System.getenv("GVJ_ALLOW_NO_KVM") != null) {
            return ConditionEvaluationResult.disabled("no usable /dev/kvm, and GVJ_ALLOW_NO_KVM is set");
        }
        return ConditionEvaluationResult.enabled("");
    }
}
