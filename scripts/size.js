/** `npm run size`: lines of code per room, without tests. Size is watched: what grows is seen. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const ROOMS = ['packages', 'bench', 'scripts', 'test', 'pipelines'];
const SOURCE = /\.(ts|js|cjs|py|yml)$/;
const TEST = /(\.test\.ts|\.engine-test\.ts|\/testing\/)/;

/** @type {Map<string, { files: number, lines: number, testLines: number }>} */
const rooms = new Map();
for (const room of ROOMS) collect(join(root, room));

console.log(
  `${'room'.padEnd(36)}${'files'.padStart(7)}${'lines'.padStart(8)}${'tests'.padStart(8)}`,
);
const total = { files: 0, lines: 0, testLines: 0 };
for (const [room, size] of [...rooms].sort(([a], [b]) => a.localeCompare(b))) {
  print(room, size);
  total.files += size.files;
  total.lines += size.lines;
  total.testLines += size.testLines;
}
print('total', total);

/** @param {string} folder */
function collect(folder) {
  for (const entry of readdirSync(folder)) {
    const path = join(folder, entry);
    if (entry === 'node_modules' || entry === 'dist' || entry.startsWith('.')) continue;
    if (statSync(path).isDirectory()) collect(path);
    else if (SOURCE.test(entry)) count(path);
  }
}

/** @param {string} path */
function count(path) {
  const name = roomOf(relative(root, path));
  const room = rooms.get(name) ?? { files: 0, lines: 0, testLines: 0 };
  const lines = readFileSync(path, 'utf8').split('\n').length - 1;
  room.files += 1;
  if (TEST.test(path) || name.startsWith('test')) room.testLines += lines;
  else room.lines += lines;
  rooms.set(name, room);
}

/** packages/core/src/config/… → packages/core/config; a file right below src → packages/core */
function roomOf(/** @type {string} */ path) {
  const parts = path.split('/');
  if (parts[0] !== 'packages') return parts.slice(0, parts.length > 2 ? 2 : 1).join('/');
  const below = parts[2] === 'src' && parts.length > 4 ? [parts[3]] : [];
  return [parts[0], parts[1], ...below].join('/');
}

/** @param {string} name @param {{ files: number, lines: number, testLines: number }} size */
function print(name, { files, lines, testLines }) {
  const cells = [files, lines, testLines].map((n, i) => String(n).padStart(i === 0 ? 7 : 8));
  console.log(name.padEnd(36) + cells.join(''));
}
