/** Chooses the page by the address. */
import { useEffect, useState } from 'preact/hooks';

import type { Problem, Session } from '../api/session.ts';
import { fetchSession, isRefused, setToken } from './client/api.ts';
import { problemOf } from './client/resource.ts';
import { takeToken } from './client/token.ts';
import { EmptyState, ProblemNote } from './components/empty-state.tsx';
import { Frame } from './frame.tsx';
import { PAGES } from './pages/index.ts';
import { RunFrame } from './run-frame.tsx';
import { matchPath, navigate, route } from './router.ts';

export function App() {
  const [session, setSession] = useState<Session>();
  const [problem, setProblem] = useState<Problem>();
  useEffect(() => {
    begin().then(setSession, (error: unknown) => setProblem(problemOf(error)));
  }, []);
  if (isRefused.value || problem?.code === 'UI_TOKEN_INVALID') return <NoToken />;
  if (problem !== undefined) {
    return (
      <main>
        <h1>Eddy</h1>
        <ProblemNote problem={problem} />
      </main>
    );
  }
  if (session === undefined) return null;
  return (
    <Frame session={session}>
      <CurrentPage />
    </Frame>
  );
}

async function begin(): Promise<Session> {
  setToken((await takeToken()) ?? '');
  const session = await fetchSession();
  // A run or a sweep that was named is shown at once.
  const { start } = session;
  if (start !== undefined && /^(#\/?)?$/.test(location.hash)) {
    navigate(`/${start.kind}/${start.id}`, { replace: true });
  }
  return session;
}

function CurrentPage() {
  const { path, query } = route.value;
  for (const { path: pattern, title, nav, Page } of PAGES) {
    const params = matchPath(pattern, path);
    if (params === undefined) continue;
    document.title = `${title} · Eddy`;
    const page = <Page key={path} params={params} query={query} />;
    if (nav !== 'run') return page;
    const { id = '' } = params;
    const tabs = PAGES.filter((other) => other.nav === 'run').map((other) => ({
      address: other.path.replace(':id', id),
      title: other.title,
    }));
    return (
      <RunFrame key={id} id={id} tabs={tabs} current={path}>
        {page}
      </RunFrame>
    );
  }
  return (
    <EmptyState title="There is no such page.">
      <p>
        <a href="#/runs">Show all runs</a>
      </p>
    </EmptyState>
  );
}

function NoToken() {
  return (
    <main>
      <h1>Eddy</h1>
      <EmptyState title="This page needs the address that `pipeline ui` printed.">
        <p>The address ends with # and a token, which is valid until the server stops.</p>
      </EmptyState>
    </main>
  );
}
