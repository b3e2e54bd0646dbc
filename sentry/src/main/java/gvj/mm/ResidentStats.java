package gvj.mm;

/** Resident memory of a range in bytes, as /proc/PID/smaps has it (proc_pid_smaps(5)). */
public final class ResidentStats {
    public long resident;
    /** Each page divided by the number of its users. */
    public long proportional;

    public long sharedClean;
    public long sharedDirty;
    public long privateClean;
    public long privateDirty;
    public long anonymous;

    void add(long entry, MemoryFile memory) {
        if ((entry & PageTable.ZERO) != 0) {
            return;
        }
        boolean ofFile = (entry & (PageTable.FILE | PageTable.SHARED)) != 0;
        // the object itself holds a reference on pages of files
        int users = Math.max(1, memory.refs(PageTable.frame(entry)) - (ofFile ? 1 : 0));
        boolean dirty = !ofFile || (entry & PageTable.WRITE) != 0;
        resident += MemoryFile.PAGE;
        proportional += MemoryFile.PAGE / users;
        if (users > 1) {
            sharedDirty += dirty ? MemoryFile.PAGE : 0;
            sharedClean += dirty ? 0 : MemoryFile.PAGE;
        } else {
            privateDirty += dirty ? MemoryFile.PAGE : 0;
            privateClean += dirty ? 0 : MemoryFile.PAGE;
        }
        anonymous += ofFile ? 0 : MemoryFile.PAGE;
    }
}
