package gvj.kernel;

import gvj.abi.Signals;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** The actions of a process, shared by CLONE_SIGHAND: Linux's sighand_struct. Entries are replaced as a whole. */
final class SignalHandlers {
    private final AtomicReferenceArray<SignalAction> actions;

    /** Every action SIG_DFL. */
    SignalHandlers() {
        SignalAction[] all = new SignalAction[Signals.SIGRTMAX + 1];
        Arrays.fill(all, SignalAction.DEFAULT);
        actions = new AtomicReferenceArray<>(all);
    }

    SignalAction get(int signo) {
        return actions.get(signo);
    }

    void set(int signo, SignalAction action) {
        actions.set(signo, action);
    }

    /** A copy for fork. */
    SignalHandlers copy() {
        SignalHandlers copy = new SignalHandlers();
        for (int signo = 1; signo <= Signals.SIGRTMAX; signo++) {
            copy.actions.set(signo, actions.get(signo));
        }
        return copy;
    }

    /** CLONE_CLEAR_SIGHAND, execve: handlers become default, ignored stays ignored. */
    SignalHandlers withoutHandlers() {
        SignalHandlers copy = new SignalHandlers();
        for (int signo = 1; signo <= Signals.SIGRTMAX; signo++) {
            copy.actions.set(signo, actions.get(signo).afterExec());
        }
        return copy;
    }
}
