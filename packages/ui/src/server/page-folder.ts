/** Where the bundled page lies: `page.js` and `page.css`, written by `bundle.js`. */
import { fileURLToPath } from 'node:url';

export const PAGE_FOLDER = fileURLToPath(new URL('../../dist/bundle/', import.meta.url));
