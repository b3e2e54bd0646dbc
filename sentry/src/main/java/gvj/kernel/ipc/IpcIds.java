package gvj.kernel.ipc;

import gvj.abi.Errno;
import gvj.abi.Ipc;
import gvj.kernel.Credentials;
import gvj.kernel.ErrnoException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Objects of one kind in one IPC namespace, by id and by key. Its monitor guards the table. */
public final class IpcIds<T extends IpcObject> {
    /** An id is a sequence number times this and a place in the table. */
    static final int MAX_OBJECTS = 32768;

    /** Places are given out in turn up to this many, or half as many again as there are objects. */
    private static final int MIN_CYCLE = 64;

    private volatile int limit;
    private final List<T> places = new ArrayList<>();
    private final Map<Integer, T> byKey = new HashMap<>();
    private int count;
    private int sequence;
    private int lastPlace = -1;

    IpcIds(int limit) {
        this.limit = limit;
    }

    /**
     * The object for {@code key}: ENOENT, EEXIST, EACCES, ENOSPC.
     *
     * @param flags IPC_CREAT, IPC_EXCL and mode bits
     * @param check throws if one that exists does not fit
     * @param maker makes one; may throw
     */
    public synchronized T get(Credentials creds, int key, int flags, Consumer<T> check, Supplier<T> maker) {
        if (key != Ipc.IPC_PRIVATE) {
            T known = byKey.get(key);
            if (known != null) {
                if ((flags & Ipc.IPC_CREAT) != 0 && (flags & Ipc.IPC_EXCL) != 0) {
                    throw ErrnoException.of(Errno.EEXIST);
                }
                check.accept(known);
                known.check(creds, flags & 0777);
                return known;
            }
            if ((flags & Ipc.IPC_CREAT) == 0) {
                throw ErrnoException.of(Errno.ENOENT);
            }
        }
        T made = maker.get();
        if (count >= limit) {
            throw ErrnoException.of(Errno.ENOSPC);
        }
        insert(made);
        return made;
    }

    /** How many objects there may be: kernel.shmmni and the like. */
    public int limit() {
        return limit;
    }

    /** Changes the limit; what exists stays. */
    public void setLimit(int newLimit) {
        limit = newLimit;
    }

    private void insert(T made) {
        int place = freePlace();
        if (place <= lastPlace) {
            sequence = sequence + 1 == Integer.MAX_VALUE / MAX_OBJECTS ? 0 : sequence + 1;
        }
        lastPlace = place;
        made.id = sequence * MAX_OBJECTS + place;
        while (places.size() <= place) {
            places.add(null);
        }
        places.set(place, made);
        if (made.key != Ipc.IPC_PRIVATE) {
            byKey.put(made.key, made);
        }
        count++;
    }

    /** The first free place behind the one given out last, from the beginning again at the end. */
    private int freePlace() {
        int end = Math.min(Math.max(count * 3 / 2, MIN_CYCLE), Math.max(limit, count + 1));
        int place = lastPlace + 1 < end ? lastPlace + 1 : 0;
        while (place < places.size() && places.get(place) != null) {
            place = place + 1 < end ? place + 1 : 0;
        }
        return place;
    }

    /** The object with that id; EINVAL. */
    public synchronized T find(int id) {
        int place = id % MAX_OBJECTS;
        T found = id < 0 || place >= places.size() ? null : places.get(place);
        if (found == null || found.id != id) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        return found;
    }

    /** The object at a place of the table, for the STAT commands that go through all of them; EINVAL. */
    public synchronized T at(int place) {
        T found = place < 0 || place >= places.size() ? null : places.get(place);
        if (found == null) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        return found;
    }

    /** Nobody finds it by its key any more. */
    public synchronized void hide(T object) {
        byKey.remove(object.key, object);
    }

    /** Nobody finds it any more. */
    public synchronized void remove(T object) {
        hide(object);
        int place = object.id % MAX_OBJECTS;
        if (place < places.size() && places.get(place) == object) {
            places.set(place, null);
            count--;
        }
    }

    /** All objects, for the INFO commands and /proc/sysvipc. */
    public synchronized List<T> all() {
        List<T> all = new ArrayList<>();
        for (T object : places) {
            if (object != null) {
                all.add(object);
            }
        }
        return all;
    }

    /** The highest place in use, 0 if there is none: what the INFO commands answer. */
    public synchronized int highest() {
        for (int place = places.size() - 1; place > 0; place--) {
            if (places.get(place) != null) {
                return place;
            }
        }
        return 0;
    }
}
