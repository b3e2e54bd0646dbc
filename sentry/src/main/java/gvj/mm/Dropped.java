package gvj.mm;

import java.util.ArrayList;
import java.util.List;

/**
 * What mappings gave up while the memory manager's lock was held, to be let go of behind it: objects write back what is
 * dirty when their last mapping goes, files close.
 */
final class Dropped {
    private record Mapping(MemoryManager mm, Mappable object, boolean writableShared, MappedFile file) {}

    private List<Mapping> mappings;

    /** Notes a mapping that ended. */
    void add(MemoryManager mm, Vma vma) {
        if (vma.mappable != null || vma.file != null) {
            add(new Mapping(mm, vma.mappable, vma.writableShared(), vma.file));
        }
    }

    /** Notes a reference alone. */
    void add(MappedFile file) {
        add(new Mapping(null, null, false, file));
    }

    private void add(Mapping mapping) {
        if (mappings == null) {
            mappings = new ArrayList<>();
        }
        mappings.add(mapping);
    }

    /** Lets go; no lock is held. */
    void release() {
        if (mappings == null) {
            return;
        }
        for (Mapping mapping : mappings) {
            if (mapping.object != null) {
                mapping.object.removeMapping(mapping.mm, mapping.writableShared);
            }
            if (mapping.file != null) {
                mapping.file.decRef();
            }
        }
        mappings = null;
    }
}
