/** Writes the pages that come from the code: `npm run docs:generate`. */
import { apiPages } from './api.ts';
import { commandPages } from './commands.ts';
import { projectPages } from './project.ts';
import { referencePages } from './reference.ts';
import { writePages } from './write-pages.ts';

writePages('project', projectPages());
writePages('cli', commandPages());
writePages('reference', await referencePages());
writePages('api', await apiPages());
