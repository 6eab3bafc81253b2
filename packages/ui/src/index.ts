/** The live page for run folders: `pipeline ui`. */
export { PAGE_FOLDER } from './server/page-folder.ts';
