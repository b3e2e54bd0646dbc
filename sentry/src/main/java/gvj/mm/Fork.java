package gvj.mm;

/** fork(2): a child's address space that shares every frame until one of the two writes. */
final class Fork {
    private final MemoryManager parent;
    private final MemoryManager child;
    private final Dropped dropped = new Dropped();
    /** Where the parent lost the right to write. */
    private long protectFrom = Long.MAX_VALUE;

    private long protectTo;

    Fork(MemoryManager parent) {
        this.parent = parent;
        this.child = new MemoryManager(parent.memory, parent.memoryGroup, parent.platform);
    }

    MemoryManager run() {
        boolean done = false;
        long stamp = parent.lock.writeLock();
        try {
            child.inherit(parent);
            copyMappings();
            child.notePeak();
            done = true;
        } finally {
            parent.lock.unlockWrite(stamp);
            dropped.release();
            if (!done) {
                child.decUsers();
            }
        }
        return child;
    }

    private void copyMappings() {
        VmaMap vmas = parent.vmas;
        try {
            for (int i = 0; i < vmas.size(); i++) {
                if (!vmas.get(i).dontFork) {
                    copyMapping(vmas.get(i));
                }
            }
        } finally {
            if (protectFrom < protectTo) {
                // one call for all; shared mappings in between get the right back with a fault
                parent.space.writeProtect(protectFrom, protectTo - protectFrom);
            }
        }
        if (vmas.locked() > 0) {
            // locks are not inherited: what only they kept apart is one mapping now
            Mmap.merge(child, 0, child.limit, dropped);
        }
    }

    private void copyMapping(Vma vma) {
        Vma copy = vma.part(vma.start, vma.end);
        copy.locked = false;
        copy.lockOnFault = false;
        child.vmas.insert(copy);
        if (copy.file != null) {
            copy.file.incRef();
        }
        if (copy.mappable != null) {
            copy.mappable.addMapping(child, copy.writableShared());
        }
        if (!vma.wipeOnFork && !(vma.shared && vma.mappable.tracksWrites())) {
            copyPages(vma);
        }
    }

    private void copyPages(Vma vma) {
        PageTable pages = parent.pages;
        for (long at = pages.next(vma.start, vma.end); at < vma.end; at = pages.next(at + MemoryFile.PAGE, vma.end)) {
            long entry = pages.get(at);
            if ((entry & (PageTable.SHARED | PageTable.COW)) == 0) {
                if ((entry & PageTable.WRITE) != 0) {
                    protectFrom = Math.min(protectFrom, at);
                    protectTo = at + MemoryFile.PAGE;
                }
                entry = entry & ~PageTable.WRITE | PageTable.COW;
                pages.set(at, entry);
            }
            child.pages.set(at, entry);
            if ((entry & PageTable.ZERO) == 0) {
                parent.memory.incRef(PageTable.frame(entry));
            }
        }
    }
}
