/** What a page of the list in `index.ts` says of itself. */
import type { ComponentType } from 'preact';

export interface PageProps {
  /** From the pattern of the path. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
}

export interface PageDefinition {
  /** `/run/:id/reasoning` */
  readonly path: string;
  readonly title: string;
  /**
   * `main`: a link in the bar at the top. `run`: a tab of a run, whose path begins with `/run/:id`. `sweep`: a tab of a
   * sweep, whose path begins with `/sweep/:id`. `none`: reached from other pages.
   */
  readonly nav: 'main' | 'run' | 'sweep' | 'none';
  readonly Page: ComponentType<PageProps>;
}
