/** The cases in which our grammar of overrides differs from that of hydra-core 1.3.8. */

/** The verdict of hydra-core on an override; see overrides.py. */
export interface Verdict {
  readonly text: string;
  readonly error?: true;
  readonly sweep?: true;
}

/** The whole list of differences: returns the reason of one, undefined where there should be none. */
export function differs({ text, error }: Verdict): string | undefined {
  if (/^([+~]*)(=|@|$)/.test(text)) return 'an empty key is refused';
  if (text.includes('@=')) return 'an empty package is refused';
  if (error && /=.*[\]}'"][ \t]+$/.test(text)) return 'spaces after a bracket or quote are allowed';
  if (/:[ \t]+$/.test(text)) return 'spaces after a trailing colon are no part of the value';
  return undefined;
}
