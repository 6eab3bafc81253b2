/** A command as one of several processes; the rest is loaded when it is. */
import type { FollowOptions } from './follow.ts';
import { hostWaitMs, type HostGroup } from './launcher.ts';
import type { LedHosts } from './lead.ts';

export { launchedGroup } from './launcher.ts';

interface HostServices {
  readonly cacheFolder: string;
  readonly offline: boolean;
  readonly say: (text: string) => void;
}

/**
 * Takes the part of rank 0: engines that are made from here on are of all hosts.
 *
 * @throws COORDINATOR_UNUSABLE, HOST_TOKEN_UNUSABLE, HOST_WAIT_INVALID
 */
export async function leadHosts(
  group: HostGroup,
  { cacheFolder, say }: HostServices,
): Promise<Pick<LedHosts, 'close'>> {
  const [{ LedHosts }, { ensureToken }] = await Promise.all([
    import('./lead.ts'),
    import('./token.ts'),
  ]);
  const { env } = process;
  const token = ensureToken(env, cacheFolder);
  return LedHosts.lead(group, { token, waitMs: hostWaitMs(env), say });
}

/**
 * Takes the part of another rank, to its end.
 *
 * @throws HOST_LOST, HOST_REFUSED, HOST_TOKEN_UNUSABLE, HOST_WAIT_INVALID
 */
export async function followHosts(
  group: HostGroup,
  { cacheFolder, offline, say }: HostServices,
): Promise<void> {
  const [{ followHosts: follow }, { findToken }] = await Promise.all([
    import('./follow.ts'),
    import('./token.ts'),
  ]);
  const options: FollowOptions = {
    findToken: () => findToken(process.env, cacheFolder),
    waitMs: hostWaitMs(process.env),
    services: { cacheFolder, offline, notify: (level, text) => say(`${level}: ${text}`) },
  };
  return follow(group, options);
}

/** @throws HOSTS_UNSUPPORTED where this process leads others */
export async function refuseHosts(what: string): Promise<void> {
  const [{ ledHosts }, { hostsUnsupported }] = await Promise.all([
    import('./lead.ts'),
    import('./errors.ts'),
  ]);
  if (ledHosts() !== null) throw hostsUnsupported(what);
}
