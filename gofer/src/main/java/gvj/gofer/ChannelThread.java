package gvj.gofer;

import gvj.host.Host;
import gvj.host.HostErrno;
import gvj.host.HostProcess;
import gvj.host.Mem;
import gvj.wire.Wire;

/** Serves one channel, request by request, until the Sentry closes it or sends what is none. */
final class ChannelThread extends Thread {
    private final GoferServer server;
    private final int socket;
    private final Call call;
    private final TreeOperations tree;
    private final FileOperations files;
    private final CreateOperations creations;
    private final ListOperations lists;
    private final XattrOperations xattrs;

    ChannelThread(GoferServer server, int socket, int number) {
        super(null, null, "channel " + number, 256 << 10);
        this.server = server;
        this.socket = socket;
        call = new Call(server);
        tree = new TreeOperations(call);
        files = new FileOperations(call);
        creations = new CreateOperations(call);
        lists = new ListOperations(call);
        xattrs = new XattrOperations(call);
    }

    @Override
    public void run() {
        HostProcess.setThreadName(new byte[] {'c', 'h', 'a', 'n', 'n', 'e', 'l'});
        try {
            String fault = serve();
            if (!fault.isEmpty()) {
                server.complain("gofer: " + fault + ": " + getName() + " closed");
            }
        } finally {
            lists.forget();
            Host.close(socket);
            call.free();
            server.ended();
        }
    }

    /** Until the end of the connection; why it was ended by us, or empty. */
    private String serve() {
        while (true) {
            long got = Host.recvmsg(socket, call.in.address(), Wire.MAX_MESSAGE, 0, 0, 0);
            if (got == -HostErrno.EINTR) {
                continue;
            }
            if (got == 0 || got == -HostErrno.ECONNRESET) {
                return "";
            }
            if (got < 0) {
                return got == -HostErrno.EMSGSIZE ? "request too long" : "recvmsg failed with errno " + -got;
            }
            if (!call.in.received(got) || call.in.result() != 0) {
                return "malformed header";
            }
            int op = call.in.op();
            call.out.begin(op, call.in.sequence());
            int result = dispatch(op);
            if (result == Call.MALFORMED) {
                return "malformed request " + op;
            }
            if (result != Call.UNANSWERED && !answer(result)) {
                return "";
            }
        }
    }

    private int dispatch(int op) {
        return switch (op) {
            case Wire.ATTACH -> tree.attach();
            case Wire.WALK -> tree.walk();
            case Wire.GETATTR -> files.getattr();
            case Wire.SETATTR -> files.setattr();
            case Wire.OPEN -> files.open();
            case Wire.CREATE -> creations.create();
            case Wire.MKDIR -> creations.mkdir();
            case Wire.MKNOD -> creations.mknod();
            case Wire.SYMLINK -> creations.symlink();
            case Wire.LINK -> tree.link();
            case Wire.UNLINK -> tree.unlink();
            case Wire.RENAME -> tree.rename();
            case Wire.READLINK -> tree.readlink();
            case Wire.LIST -> lists.list();
            case Wire.STATFS -> files.statfs();
            case Wire.FSYNC -> files.fsync();
            case Wire.GETXATTR -> xattrs.get();
            case Wire.SETXATTR -> xattrs.set();
            case Wire.LISTXATTR -> xattrs.list();
            case Wire.REMOVEXATTR -> xattrs.remove();
            case Wire.CLOSE -> tree.close();
            case Wire.NEWCHANNEL -> newChannel();
            case Wire.TMPFILE -> creations.tmpfile();
            case Wire.SEAL -> tree.seal();
            case Wire.DETACH -> tree.detach();
            default -> Call.MALFORMED;
        };
    }

    private int newChannel() {
        if (!call.in.complete()) {
            return Call.MALFORMED;
        }
        int theirs = server.newChannel();
        if (theirs < 0) {
            return theirs;
        }
        call.donated = theirs;
        return 0;
    }

    /** Sends the answer and closes the descriptor that went with it; false if the Sentry has gone. */
    private boolean answer(int result) {
        int length = call.out.end(result);
        long fds = 0;
        if (call.donated >= 0) {
            fds = call.scratch.fds;
            Mem.putInt(fds, 1);
            Mem.putInt(fds + 4, call.donated);
        }
        long sent;
        do {
            sent = Host.sendmsg(socket, call.out.address(), length, fds, 0);
        } while (sent == -HostErrno.EINTR);
        if (call.donated >= 0) {
            Host.close(call.donated);
            call.donated = -1;
        }
        return sent == length;
    }
}
