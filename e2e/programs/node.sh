# Event loop, worker threads, children, a UNIX socket and inotify, as node uses them.
command -v node >/dev/null || { echo "node is not installed"; exit 0; }
cat >main.js <<'J'
const fs = require('fs'), net = require('net'), crypto = require('crypto'), child = require('child_process');
const { Worker, isMainThread, parentPort } = require('worker_threads');
if (!isMainThread) {
    parentPort.postMessage([...Array(1e5).keys()].reduce((a, b) => a + b));
} else {
    new Worker(__filename).on('message', sum => {
        console.log(sum, String(child.execSync('echo child')));
        crypto.pbkdf2('a', 'b', 1000, 16, 'sha256', (error, key) => {
            console.log(key.toString('hex'));
            const server = net.createServer(c => c.on('data', d => c.end('got ' + d)));
            server.listen('socket', () => {
                const client = net.connect('socket');
                client.write('hello');
                client.on('data', d => console.log(String(d)));
                client.on('end', () => server.close(watch));
            });
        });
    });
}
function watch() {
    const watcher = fs.watch('.', (event, name) => {
        if (name === 'new') {
            console.log('watched');
            watcher.close();
        }
    });
    setTimeout(() => fs.writeFileSync('new', 'x'), 20);
}
J
node main.js
