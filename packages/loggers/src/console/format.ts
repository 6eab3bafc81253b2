/** Numbers as people read them. */

/** 1234567 → 1,234,567 */
export function formatCount(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** 950 ms, 4.2 s, 3m 05s, 2h 10m, 3d 4h */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return '?';
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const [days, hours] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24];
  const [minutes, rest] = [Math.floor(seconds / 60) % 60, seconds % 60];
  const pad = (value: number) => String(value).padStart(2, '0');
  if (days > 0) return `${days}d ${hours}h`;
  return hours > 0 ? `${hours}h ${pad(minutes)}m` : `${minutes}m ${pad(rest)}s`;
}

/** 2026-11-30 20:45, local time; as it is where it is no date. */
export function formatDate(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const pad = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day} ${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

export { formatBytes } from '@eddy/core/report';

/** 2.5e9 → 2.5 GFLOP */
export function formatFlops(flops: number): string {
  return scaled(flops, ['FLOP', 'kFLOP', 'MFLOP', 'GFLOP', 'TFLOP', 'PFLOP']);
}

function scaled(value: number, units: readonly string[]): string {
  let scale = 0;
  let rest = value;
  while (rest >= 1000 && scale < units.length - 1) {
    rest /= 1000;
    scale++;
  }
  return `${scale === 0 ? rest : rest.toFixed(rest < 10 ? 1 : 0)} ${units[scale]}`;
}
