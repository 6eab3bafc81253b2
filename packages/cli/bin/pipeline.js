#!/usr/bin/env node
// Committed plain JavaScript: npm links bins before `prepare` has built `dist`.
import { runAsProgram } from '../dist/main.js';

await runAsProgram(process.argv.slice(2));
