/** `docs/reference-map.md` is current, has every key of the reference, and points at tests that exist. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { ARCH_KEYS, BUILDERS, ROOT_KEYS } from '@eddy/interop';
import { describe, expect, it } from 'vitest';

import type { CaseHandler } from '../parity/case-handler.ts';
import { evidence, referenceMap, REGENERATE } from './reference-map/page.ts';

const repository = resolve(import.meta.dirname, '../..');
const page = join(repository, 'docs/reference-map.md');

/** Of the reference's configuration classes and YAML files. */
const ROOT = `data_paths data_paths_test evaluators global_batch_size epochs eval_interval
  min_eval_interval checkpoint_every_eval eval_save_outputs lr lr_min_ratio lr_warmup_steps beta1 beta2
  weight_decay puzzle_emb_lr puzzle_emb_weight_decay seed ema ema_rate freeze_weights load_checkpoint
  checkpoint_path project_name run_name data_path device`;
const ARCH = `name loss halt_exploration_prob halt_max_steps hidden_size expansion puzzle_emb_ndim
  pos_encodings rms_norm_eps rope_theta forward_dtype H_cycles L_cycles H_layers L_layers num_heads mlp_t
  puzzle_emb_len no_ACT_continue act_enabled act_inference batch_size vocab_size seq_len
  num_puzzle_identifiers causal`;
const OPTIONS = {
  sudoku: 'source-repo output-dir subsample-size min-difficulty num-aug',
  maze: 'source-repo output-dir subsample-size aug',
  arc: `input-file-prefix output-dir subsets test-set-name test-set-name2 seed num-aug
    puzzle-identifiers-start dataset-dirs`,
};
const words = (text: string) => text.trim().split(/\s+/).sort();

describe('docs/reference-map.md', () => {
  it('is current', () => {
    const text = referenceMap();
    if (process.env['EDDY_WRITE_DOCS'] === '1') writeFileSync(page, text);
    expect(readFileSync(page, 'utf8'), `write it anew: ${REGENERATE}`).toBe(text);
  });

  it('has every key and option of the reference', () => {
    expect(Object.keys(ROOT_KEYS).sort()).toEqual(words(ROOT));
    expect(Object.keys(ARCH_KEYS).sort()).toEqual(words(ARCH));
    const options = BUILDERS.map(({ task, options }) => [task, Object.keys(options).sort()]);
    expect(Object.fromEntries(options)).toEqual(
      Object.fromEntries(Object.entries(OPTIONS).map(([task, text]) => [task, words(text)])),
    );
  });

  it('points at tests that exist', async () => {
    for (const [file, name] of evidence()) {
      expect(await exists(file, name), `${file}: ${name}`).toBe(true);
    }
    for (const [, target] of referenceMap().matchAll(/\]\(([^)]+)\)/g)) {
      expect(existsSync(join(repository, 'docs', target!)), target).toBe(true);
    }
  });
});

/** Words of a test in its file, or the name of a case that the file's handler takes. */
async function exists(file: string, name: string): Promise<boolean> {
  const path = join(repository, file);
  if (!file.startsWith('test/parity/')) return readFileSync(path, 'utf8').includes(name);
  const { handler } = (await import(path)) as { handler: CaseHandler };
  return handler.matches(name);
}
