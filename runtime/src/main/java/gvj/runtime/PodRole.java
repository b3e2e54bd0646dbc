package gvj.runtime;

import gvj.boot.BootException;

/** What a container is in a pod, as the annotations of CRI's servers say: {@code launcher/src/main/c/pod.c} reads the same. */
final class PodRole {
    private PodRole() {}

    /** Whether it is a pod's first container, in whose sandbox the others are made. */
    static boolean isSandbox(Json annotations) throws BootException {
        Json type = annotations.get("io.kubernetes.cri.container-type");
        type = type.present() ? type : annotations.get("io.kubernetes.cri-o.ContainerType");
        return type.bytes("").equals("sandbox");
    }
}
