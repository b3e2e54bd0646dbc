package gvj.shim.grpc;

import gvj.host.Host;
import io.netty.channel.AbstractServerChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.local.LocalAddress;
import java.net.SocketAddress;

/** Netty's server channel without a socket: its connections are handed to it, each already accepted. */
final class AdoptedChannels extends AbstractServerChannel {
    /** Something to bind to. */
    static final SocketAddress ADDRESS = new LocalAddress("gvisor-java");

    private static final int O_NONBLOCK = 0x800;

    private final ChannelConfig config = new DefaultChannelConfig(this);
    private volatile boolean open = true;
    private volatile boolean bound;

    /** Starts to serve a connected Unix socket; {@code closed} runs at its end. */
    void adopt(int fd, Runnable closed) {
        Host.fcntl(fd, Host.F_SETFL, O_NONBLOCK); // as Netty's own: a read too many would stop the loop
        eventLoop().execute(() -> {
            EpollDomainSocketChannel channel = new EpollDomainSocketChannel(fd);
            channel.closeFuture().addListener(future -> closed.run());
            pipeline().fireChannelRead(channel);
            pipeline().fireChannelReadComplete();
        });
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public boolean isActive() {
        return open && bound;
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return true;
    }

    @Override
    protected SocketAddress localAddress0() {
        return bound ? ADDRESS : null;
    }

    @Override
    protected void doBind(SocketAddress address) {
        bound = true;
    }

    @Override
    protected void doClose() {
        open = false;
    }

    @Override
    protected void doBeginRead() {
        // Connections come by themselves.
    }
}
