/**
 * The token of the session: from the address that `pipeline ui` printed, then from this tab, else from another
 * tab of the same server. It is never sent in an address and never written to disk.
 */
import { navigate } from '../router.ts';

const KEY = 'eddy-token';
const CHANNEL = 'eddy-token';
/** How long other tabs have to answer. */
const ANSWER_MS = 400;

export async function takeToken(): Promise<string | undefined> {
  const fromAddress = /^#token=([\w-]{20,})$/.exec(location.hash)?.[1];
  if (fromAddress !== undefined) {
    sessionStorage.setItem(KEY, fromAddress);
    navigate('/', { replace: true });
  }
  const token = fromAddress ?? sessionStorage.getItem(KEY) ?? (await askOtherTabs());
  if (token !== undefined) {
    sessionStorage.setItem(KEY, token);
    answerOtherTabs(token);
  }
  return token;
}

function askOtherTabs(): Promise<string | undefined> {
  return new Promise((resolve) => {
    const channel = new BroadcastChannel(CHANNEL);
    const end = (token?: string) => {
      channel.close();
      resolve(token);
    };
    channel.onmessage = ({ data }: MessageEvent<{ token?: string }>) => {
      if (typeof data.token === 'string') end(data.token);
    };
    channel.postMessage({ ask: true });
    setTimeout(end, ANSWER_MS);
  });
}

function answerOtherTabs(token: string): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }: MessageEvent<{ ask?: boolean }>) => {
    if (data.ask === true) channel.postMessage({ token });
  };
}
