package gvj.ttrpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import gvj.shim.api.RpcException;

/** The services behind a server. */
public interface Dispatcher {
    /**
     * Carries out one call; may take as long as it needs.
     *
     * @throws RpcException also for a service, a method or a request that is none
     */
    MessageLite call(String service, String method, ByteString request) throws RpcException, InterruptedException;

    /** Whether a call only waits for something: nothing is lost if it is interrupted once nobody waits for its answer. */
    boolean waits(String service, String method);
}
