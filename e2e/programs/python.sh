/usr/bin/python3 - <<'P'
import os, subprocess, threading, sqlite3, multiprocessing, signal, select, mmap, socket, tempfile, json, hashlib, time
total = 0
lock = threading.Lock()
def add(n):
    global total
    for _ in range(n):
        with lock:
            total += 1
threads = [threading.Thread(target=add, args=(2000,)) for _ in range(8)]
[t.start() for t in threads]; [t.join() for t in threads]
print("threads", total)
print(subprocess.run(["sh", "-c", "cat; exit 3"], input=b"in", capture_output=True))
print(subprocess.check_output("echo $0 $PPID | wc -w", shell=True))
def square(x): return x * x
with multiprocessing.Pool(3) as pool:
    print(pool.map(square, range(10)))
queue = multiprocessing.Queue()
p = multiprocessing.Process(target=queue.put, args=("from a process",)); p.start(); print(queue.get()); p.join()
db = sqlite3.connect("test.db")
db.execute("create table t (a integer, b text)")
db.executemany("insert into t values (?, ?)", [(i, str(i) * 3) for i in range(1000)]); db.commit()
print(db.execute("select count(*), sum(a), max(b) from t").fetchone())
signal.signal(signal.SIGALRM, lambda *a: print("alarm")); signal.setitimer(signal.ITIMER_REAL, 0.05); signal.pause()
a, b = socket.socketpair(); a.send(b"x" * 1000); print(len(b.recv(4096)), select.select([a], [], [], 0.01)[0])
with mmap.mmap(-1, 8192) as m:
    m[0:5] = b"hello"
    if os.fork() == 0:
        m[0:5] = b"child"; os._exit(0)
    os.wait(); print(m[0:5])
r, w = os.pipe(); os.write(w, b"pipe"); print(os.read(r, 10), os.path.exists("/proc/self/fd/%d" % r))
print(hashlib.sha256(b"x" * 10**6).hexdigest(), json.dumps({"a": [1, None]}), os.uname().sysname, os.cpu_count() > 0)
P
