package gvj.abi;

/** mmap(2), mprotect(2), madvise(2), mlock(2), memfd_create(2) and NUMA policy constants. */
public final class Mman {
    public static final int MADV_NORMAL = 0;
    public static final int MADV_RANDOM = 1;
    public static final int MADV_SEQUENTIAL = 2;
    public static final int MADV_WILLNEED = 3;
    public static final int MADV_DONTNEED = 4;
    public static final int MADV_FREE = 8;
    public static final int MADV_REMOVE = 9;
    public static final int MADV_DONTFORK = 0xa;
    public static final int MADV_DOFORK = 0xb;
    public static final int MADV_MERGEABLE = 0xc;
    public static final int MADV_UNMERGEABLE = 0xd;
    public static final int MADV_HUGEPAGE = 0xe;
    public static final int MADV_NOHUGEPAGE = 0xf;
    public static final int MADV_DONTDUMP = 0x10;
    public static final int MADV_DODUMP = 0x11;
    public static final int MADV_WIPEONFORK = 0x12;
    public static final int MADV_KEEPONFORK = 0x13;
    public static final int MADV_COLD = 0x14;
    public static final int MADV_PAGEOUT = 0x15;
    public static final int MADV_POPULATE_READ = 0x16;
    public static final int MADV_POPULATE_WRITE = 0x17;
    public static final int MADV_DONTNEED_LOCKED = 0x18;
    public static final int MADV_COLLAPSE = 0x19;
    public static final int MADV_HWPOISON = 0x64;
    public static final int MADV_SOFT_OFFLINE = 0x65;

    public static final int MAP_FAILED = -1;
    public static final int MAP_FILE = 0x0;
    public static final int MAP_SHARED = 0x1;
    public static final int MAP_PRIVATE = 0x2;
    public static final int MAP_SHARED_VALIDATE = 0x3;
    public static final int MAP_TYPE = 0xf;
    public static final int MAP_FIXED = 0x10;
    public static final int MAP_HUGE_SHIFT = 0x1a;
    public static final int MAP_ANON = 0x20;
    public static final int MAP_ANONYMOUS = 0x20;
    public static final int MAP_HUGE_MASK = 0x3f;
    public static final int MAP_32BIT = 0x40;
    public static final int MAP_GROWSDOWN = 0x100;
    public static final int MAP_DENYWRITE = 0x800;
    public static final int MAP_EXECUTABLE = 0x1000;
    public static final int MAP_LOCKED = 0x2000;
    public static final int MAP_NORESERVE = 0x4000;
    public static final int MAP_POPULATE = 0x8000;
    public static final int MAP_NONBLOCK = 0x10000;
    public static final int MAP_STACK = 0x20000;
    public static final int MAP_HUGETLB = 0x40000;
    public static final int MAP_SYNC = 0x80000;
    public static final int MAP_FIXED_NOREPLACE = 0x100000;
    public static final int MAP_UNINITIALIZED = 0x4000000;
    public static final int MAP_HUGE_16KB = 0x38000000;
    public static final int MAP_HUGE_64KB = 0x40000000;
    public static final int MAP_HUGE_512KB = 0x4c000000;
    public static final int MAP_HUGE_1MB = 0x50000000;
    public static final int MAP_HUGE_2MB = 0x54000000;
    public static final int MAP_HUGE_8MB = 0x5c000000;
    public static final int MAP_HUGE_16MB = 0x60000000;
    public static final int MAP_HUGE_32MB = 0x64000000;
    public static final int MAP_HUGE_256MB = 0x70000000;
    public static final int MAP_HUGE_512MB = 0x74000000;
    public static final int MAP_HUGE_1GB = 0x78000000;
    public static final int MAP_HUGE_2GB = 0x7c000000;
    public static final int MAP_HUGE_16GB = 0x88000000;

    public static final int MCL_CURRENT = 1;
    public static final int MCL_FUTURE = 2;
    public static final int MCL_ONFAULT = 4;

    public static final int MFD_CLOEXEC = 1;
    public static final int MFD_ALLOW_SEALING = 2;
    public static final int MFD_HUGETLB = 4;

    public static final int MLOCK_ONFAULT = 1;

    public static final int MPOL_F_NODE = 1;
    public static final int MPOL_F_SHARED = 1;
    public static final int MPOL_MF_STRICT = 1;
    public static final int MPOL_F_ADDR = 2;
    public static final int MPOL_MF_MOVE = 2;
    public static final int MPOL_F_MEMS_ALLOWED = 4;
    public static final int MPOL_MF_MOVE_ALL = 4;
    public static final int MPOL_MF_VALID = 7;
    public static final int MPOL_F_MOF = 8;
    public static final int MPOL_MF_LAZY = 8;
    public static final int MPOL_F_MORON = 0x10;
    public static final int MPOL_MF_INTERNAL = 0x10;
    public static final int MPOL_F_NUMA_BALANCING = 0x2000;
    public static final int MPOL_F_RELATIVE_NODES = 0x4000;
    public static final int MPOL_F_STATIC_NODES = 0x8000;
    public static final int MPOL_MODE_FLAGS = 0xe000;

    public static final int MREMAP_MAYMOVE = 1;
    public static final int MREMAP_FIXED = 2;
    public static final int MREMAP_DONTUNMAP = 4;

    public static final int MS_ASYNC = 0x1;
    public static final int MS_INVALIDATE = 0x2;
    public static final int MS_SYNC = 0x4;

    public static final int PKEY_DISABLE_ACCESS = 1;
    public static final int PKEY_DISABLE_WRITE = 2;
    public static final int PKEY_ACCESS_MASK = 3;

    public static final int PROT_NONE = 0x0;
    public static final int PROT_READ = 0x1;
    public static final int PROT_WRITE = 0x2;
    public static final int PROT_EXEC = 0x4;
    public static final int PROT_SEM = 0x8;
    public static final int PROT_GROWSDOWN = 0x1000000;
    public static final int PROT_GROWSUP = 0x2000000;

    private Mman() {}
}
