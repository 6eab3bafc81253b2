/** What is around every page: bar, navigation, the state of the connection, announcements. */
import type { ComponentChildren } from 'preact';

import type { Session } from '../api/session.ts';
import { announcement } from './announce.ts';
import { connection } from './client/live.ts';
import { PAGES } from './pages/index.ts';
import { route } from './router.ts';
import { nextTheme, theme } from './theme.ts';

export function Frame({
  session,
  children,
}: {
  readonly session: Session;
  readonly children: ComponentChildren;
}) {
  const { path } = route.value;
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          // The fragment holds the address of the page.
          event.preventDefault();
          document.querySelector<HTMLElement>('main')?.focus();
        }}
      >
        Skip to content
      </a>
      <header class="bar">
        <a class="brand" href="#/runs">
          Eddy
        </a>
        <nav class="bar-nav" aria-label="Pages">
          {PAGES.filter(({ nav }) => nav === 'main').map((page) => (
            <a
              key={page.path}
              href={`#${page.path}`}
              aria-current={page.path === path ? 'page' : undefined}
            >
              {page.title}
            </a>
          ))}
        </nav>
        <span class="bar-folder" title={session.folders.join(', ')}>
          {session.folders.join(', ')}
        </span>
        <Connection />
        <button
          type="button"
          class="button button-quiet"
          onClick={nextTheme}
          aria-label={`Theme: ${theme.value}. Change`}
          title={`Theme: ${theme.value}`}
        >
          <span aria-hidden="true">{{ system: '◐', light: '☀', dark: '☾' }[theme.value]}</span>
        </button>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <div class="visually-hidden" aria-live="polite">
        {announcement.value}
      </div>
    </>
  );
}

const WORDS = { connecting: 'connecting', live: 'live', lost: 'no connection' } as const;

function Connection() {
  const state = connection.value;
  return (
    <span class={`connection connection-${state}`} role="status">
      <i aria-hidden="true" />
      <span>{WORDS[state]}</span>
    </span>
  );
}
