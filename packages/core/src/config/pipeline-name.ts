import { basename, extname } from 'node:path';

/** What a pipeline may be called: it names folders. */
export const PIPELINE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** The name of a pipeline whose file gives none: the file's, with `-` for what a name may not have. */
export function nameOfFile(file: string): string {
  const name = basename(file, extname(file)).replaceAll(/[^A-Za-z0-9._-]+/g, '-');
  return name.replace(/^[^A-Za-z0-9]+/, '').slice(0, 100) || 'pipeline';
}
