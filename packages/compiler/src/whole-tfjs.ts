/**
 * Makes TF.js whole: all gradients, which its core lacks in Node, and the cpu backend. By `require`: to import a
 * CommonJS package, Node first searches its files for names, which takes longer than running them.
 */
import { createRequire } from 'node:module';

createRequire(import.meta.url)('@tensorflow/tfjs');
