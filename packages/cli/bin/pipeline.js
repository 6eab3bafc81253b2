#!/usr/bin/env node
// Committed plain JavaScript: npm links bins before `prepare` has built `dist`.
import { main } from '../dist/main.js';

process.exitCode = await main(process.argv.slice(2));
