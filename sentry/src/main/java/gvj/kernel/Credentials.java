package gvj.kernel;

/**
 * Who a task acts as, credentials(7): immutable, replaced as a whole.
 *
 * @param groups supplementary groups, sorted; not to be modified
 * @param permitted capability sets as bit masks, capabilities(7)
 * @param securebits SECBIT_* of prctl(PR_SET_SECUREBITS)
 */
public record Credentials(
        int uid,
        int euid,
        int suid,
        int fsuid,
        int gid,
        int egid,
        int sgid,
        int fsgid,
        int[] groups,
        long inheritable,
        long permitted,
        long effective,
        long bounding,
        long ambient,
        int securebits,
        boolean noNewPrivs,
        UserNamespace userNamespace) {

    private static final int SECBIT_NO_SETUID_FIXUP = 1 << 2;

    /** Whether {@code capability} (CAP_*) is effective. */
    public boolean has(int capability) {
        return (effective & 1L << capability) != 0;
    }

    /** Whether {@code group} is the file system group or a supplementary one. */
    public boolean inGroup(int group) {
        return group == fsgid || java.util.Arrays.binarySearch(groups, group) >= 0;
    }

    /** As whom access(2) checks: real ids for file system ids, capabilities only if the real user is root. */
    public Credentials asReal() {
        boolean fixup = (securebits & SECBIT_NO_SETUID_FIXUP) == 0;
        long caps = !fixup ? effective : uid == 0 ? permitted : 0;
        return new Credentials(
                uid,
                euid,
                suid,
                uid,
                gid,
                egid,
                sgid,
                gid,
                groups,
                inheritable,
                permitted,
                caps,
                bounding,
                ambient,
                securebits,
                noNewPrivs,
                userNamespace);
    }

    /** The same with other user ids. */
    Credentials withUids(int newUid, int newEuid, int newSuid, int newFsuid) {
        return new Credentials(
                newUid,
                newEuid,
                newSuid,
                newFsuid,
                gid,
                egid,
                sgid,
                fsgid,
                groups,
                inheritable,
                permitted,
                effective,
                bounding,
                ambient,
                securebits,
                noNewPrivs,
                userNamespace);
    }

    /** The same with other group ids. */
    Credentials withGids(int newGid, int newEgid, int newSgid, int newFsgid) {
        return new Credentials(
                uid,
                euid,
                suid,
                fsuid,
                newGid,
                newEgid,
                newSgid,
                newFsgid,
                groups,
                inheritable,
                permitted,
                effective,
                bounding,
                ambient,
                securebits,
                noNewPrivs,
                userNamespace);
    }

    /** The same with other supplementary groups, sorted. */
    Credentials withGroups(int[] newGroups) {
        return new Credentials(
                uid,
                euid,
                suid,
                fsuid,
                gid,
                egid,
                sgid,
                fsgid,
                newGroups,
                inheritable,
                permitted,
                effective,
                bounding,
                ambient,
                securebits,
                noNewPrivs,
                userNamespace);
    }

    /** The same with other capability sets. */
    Credentials withCapabilities(
            long newInheritable, long newPermitted, long newEffective, long newBounding, long newAmbient) {
        return new Credentials(
                uid,
                euid,
                suid,
                fsuid,
                gid,
                egid,
                sgid,
                fsgid,
                groups,
                newInheritable,
                newPermitted,
                newEffective,
                newBounding,
                newAmbient,
                securebits,
                noNewPrivs,
                userNamespace);
    }

    /** The same with other SECBIT_* flags. */
    Credentials withSecurebits(int bits) {
        return new Credentials(
                uid,
                euid,
                suid,
                fsuid,
                gid,
                egid,
                sgid,
                fsgid,
                groups,
                inheritable,
                permitted,
                effective,
                bounding,
                ambient,
                bits,
                noNewPrivs,
                userNamespace);
    }

    /** The same with no_new_privs set. */
    Credentials withNoNewPrivs() {
        return new Credentials(
                uid,
                euid,
                suid,
                fsuid,
                gid,
                egid,
                sgid,
                fsgid,
                groups,
                inheritable,
                permitted,
                effective,
                bounding,
                ambient,
                securebits,
                true,
                userNamespace);
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
