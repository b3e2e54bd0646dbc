/**
 * How the Sentry asks the gofer for files.
 *
 * <p>The two share a few AF_UNIX SOCK_SEQPACKET connections, called channels. A Sentry thread takes a free channel,
 * sends one request, reads its answer and puts the channel back; in the gofer one thread serves one channel. So there
 * is no dispatcher, no queue and no matching of answers to requests, and a slow call delays nobody else.
 *
 * <pre>
 *        Sentry                                        gofer
 *   task thread --take--+                        +-- channel thread 0
 *   task thread         +==[ request ]==========>|     decode, check, host call
 *   task thread         |<=[ answer (+fd) ]======+     encode
 *               &lt;--put--+                        +-- channel thread 1 ...
 *
 *   message, one packet, little endian, at most 64 KiB
 *   0        4      6      8          12        16
 *   +--------+------+------+----------+---------+---------------------------
 *   | length |  op  |  0   | sequence | result  | body of the operation
 *   +--------+------+------+----------+---------+---------------------------
 *     bytes    Wire.*        answer =   request 0,    name: u16 length, bytes, NUL
 *     in all                 request    answer 0 or   attr: Wire.ATTR_BYTES
 *                                       -errno
 * </pre>
 *
 * <p>Packets rather than a stream: a message is whole or absent, it cannot be misaligned by a hostile peer, and a
 * descriptor belongs to its message without counting bytes. File data never crosses: opening a regular file donates a
 * host descriptor (SCM_RIGHTS), on which the Sentry does pread and pwrite itself.
 *
 * <p>A file is named by a node: a number that the gofer gives out with ATTACH, WALK, LIST or a creation. Each time it
 * is given out counts one, each CLOSE (which has no answer) takes one back. A node belongs to a place (parent and name)
 * in the tree of its mount. One gofer serves all channels from one table, so a node is good on each of them.
 *
 * <p>{@link gvj.wire.GoferClient} is all the Sentry needs to know.
 */
package gvj.wire;
