/** Where the hub is and how it is reached, as huggingface_hub, curl and npm take it from the environment. */
import { hubEndpointInvalid } from './errors.ts';

export const HUB = 'https://huggingface.co';

type Environment = Readonly<Record<string, string | undefined>>;
type Fetch = typeof fetch;

/**
 * The address of the hub: that of the config, else HF_ENDPOINT, else huggingface.co.
 *
 * @throws HUB_ENDPOINT_INVALID
 */
export function hubAddress(configured: string | undefined, environment: Environment): string {
  const given = environment['HF_ENDPOINT']?.trim();
  if (configured !== undefined) return withoutSlash(configured);
  if (given === undefined || given === '') return HUB;
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol)) {
    throw hubEndpointInvalid(given);
  }
  return withoutSlash(given);
}

function withoutSlash(address: string): string {
  return address.replace(/\/+$/, '');
}

/** The proxy for an address, without its password; undefined where there is none. */
export function proxyOf(address: string, environment: Environment): string | undefined {
  const scheme = new URL(address).protocol === 'http:' ? 'http_proxy' : 'https_proxy';
  const value = environment[scheme] ?? environment[scheme.toUpperCase()];
  if (value === undefined || value === '' || isExempt(address, environment)) return undefined;
  return value.replace(/\/\/[^/@]*@/, '//');
}

/** NO_PROXY: `*`, or hosts and domains. */
function isExempt(address: string, environment: Environment): boolean {
  const { hostname } = new URL(address);
  const entries = (environment['no_proxy'] ?? environment['NO_PROXY'] ?? '').split(/[\s,]+/);
  return entries.some((entry) => {
    const host = entry.replace(/:\d+$/, '').replace(/^\*?\./, '');
    return entry === '*' || (host !== '' && (hostname === host || hostname.endsWith(`.${host}`)));
  });
}

/**
 * `fetch` through the proxies of HTTPS_PROXY and HTTP_PROXY, but for the hosts of NO_PROXY; plain `fetch`
 * where none is set. Node heeds these variables by itself from version 24 on alone.
 */
export async function fetchThroughProxy(environment: Environment): Promise<Fetch> {
  const valueOf = (name: string) => environment[name] ?? environment[name.toUpperCase()];
  const [httpProxy, httpsProxy] = [valueOf('http_proxy'), valueOf('https_proxy')];
  if (!httpProxy && !httpsProxy) return fetch;
  const undici = await import('undici');
  const dispatcher = new undici.EnvHttpProxyAgent({
    httpProxy: httpProxy ?? '',
    httpsProxy: httpsProxy ?? '',
    noProxy: valueOf('no_proxy') ?? '',
  });
  const through = (input: never, init: object = {}) => undici.fetch(input, { ...init, dispatcher });
  return through as unknown as Fetch;
}
