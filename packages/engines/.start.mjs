import { createXlaEngine } from './dist/pjrt/xla-engine.js';
const pluginPath = (await import('node:child_process')).execSync('find -L /tmp/quick/cacheT/engines -name "*.so" | grep -i pjrt | head -1').toString().trim();
const t=performance.now();
const engine = await createXlaEngine({ name: 'xla-cpu', pluginPath, pluginVersion: '', pluginDigest: '', cacheFolder: null, clientOptions: { cpu_device_count: 1n } });
console.log('start', performance.now()-t, process.cpuUsage(), (await import('node:fs')).readFileSync(`/proc/${engine.pid}/stat`,'utf8').split(' ').slice(13,15).join(' '), (await import('node:fs')).readFileSync(`/proc/${engine.pid}/status`,'utf8').match(/Threads:.*|VmRSS.*/g));
await engine.dispose();
