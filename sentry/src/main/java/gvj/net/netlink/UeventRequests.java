package gvj.net.netlink;

import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.kernel.ErrnoException;

/** NETLINK_KOBJECT_UEVENT: devices never come or go here. */
final class UeventRequests extends Requests {
    @Override
    boolean handle(Request request) {
        if (!request.task().credentials().has(Capability.CAP_SYS_ADMIN)) {
            throw ErrnoException.of(Errno.EPERM);
        }
        return true;
    }
}
