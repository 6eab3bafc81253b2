/** Every key of the reference's `arch` block, as `root-keys.ts` has the others. */
import { REFERENCE_ARCHS } from './defaults.ts';
import { valueInvalid } from './errors.ts';
import { printValue, type ReferenceValue } from './draft.ts';
import { always, left, type ReferenceKey } from './reference-key.ts';

const MODEL = 'train.model';
const TRM = ['trm', 'trm_singlez', 'trm_hier6'];
const HRM = ['hrm', 'hrm_v1'];
const TRANSFORMER = ['transformers_baseline'];

/** An option of the model; other archs drop it there without a word. */
function model(option: string, meaning: string, archs?: readonly string[]): ReferenceKey {
  const path = `${MODEL}.${option}`;
  return {
    meaning,
    ours: archs === undefined ? path : `${path} (${[...new Set(archs.map(modelOf))].join(', ')})`,
    carry: ({ draft, key, value, comment, other }) => {
      const arch = printValue(other('arch'));
      if (archs === undefined || archs.includes(arch)) draft.set(path, value, comment);
      else draft.note(`${key}=${printValue(value)}`, `the reference ignores it in ${arch}, too`);
    },
  };
}

function modelOf(arch: string): string {
  return REFERENCE_ARCHS[arch]!.model;
}

/** Layers of the one network there; HRM has two, and the transformer only the upper one. */
function layers(level: 'H' | 'L'): ReferenceKey {
  return {
    meaning: `blocks of the ${level} network`,
    ours:
      level === 'H'
        ? 'train.model.hLayers (hrm), numLayers (transformer)'
        : 'train.model.numLayers, lLayers (hrm)',
    carry: ({ draft, value, comment, other }) => {
      const use = other('arch');
      const own = {
        hrm: `${level.toLowerCase()}Layers`,
        hrm_v1: `${level.toLowerCase()}Layers`,
        transformers_baseline: level === 'H' ? 'numLayers' : undefined,
      };
      const option = Object.hasOwn(own, printValue(use))
        ? own[use as keyof typeof own]
        : level === 'L'
          ? 'numLayers'
          : undefined; // TRM ignores H_layers
      if (option !== undefined) draft.set(`${MODEL}.${option}`, value, comment);
      else if (value !== 0)
        draft.note(`arch.${level}_layers=${printValue(value)}`, 'the reference ignores it, too');
    },
  };
}

/** "Kept for compatibility" in the transformer, which makes one pass: 1 there by default. */
function cycles(level: 'H' | 'L', meaning: string): ReferenceKey {
  const recursive = model(`${level.toLowerCase()}Cycles`, meaning, [...TRM, ...HRM]);
  return {
    ...recursive,
    carry: (context) => {
      const idle = context.other('arch') === 'transformers_baseline' && context.value === 1;
      if (!idle) recursive.carry(context);
    },
  };
}

/** Other values are a fork's. */
function oneOf(allowed: readonly string[], key: ReferenceKey): ReferenceKey {
  return {
    ...key,
    carry: (context) => {
      // `None` and `null` are none of the others there, too.
      const text = (printValue(context.value) || 'none').toLowerCase().replace('null', 'none');
      if (!allowed.includes(text)) throw valueInvalid(context.key, allowed.join(', '), text);
      key.carry({ ...context, value: text });
    },
  };
}

/** There a length without an embedding crashes. */
function puzzleLength(): ReferenceKey {
  const length = model('puzzleEmbeddingLength', 'positions before the tokens that hold it', TRM);
  return {
    ...length,
    carry: (context) => {
      const { value, other } = context;
      const crashes = other('arch.puzzle_emb_ndim') === 0 && value !== 0;
      const comment = 'puzzle_emb_len: 0, as without an embedding';
      length.carry(crashes ? { ...context, value: 0, comment } : context);
    },
  };
}

/** The reference sets it itself, and a second value is an error there. */
const injected = left(
  'none',
  'injected at build time',
  () => false,
  'the data and global_batch_size say it',
);

export const ARCH_KEYS: Readonly<Record<string, ReferenceKey>> = {
  name: { meaning: 'module and class of the model', ours: 'train.model.use', carry: always },
  loss: {
    meaning: 'loss.name: the loss head; loss.loss_type: cross entropy of tokens',
    ours: 'train.model.loss',
    carry: ({ draft, value, comment }) => {
      const { name, loss_type, ...rest } = Object(value) as Record<string, ReferenceValue>;
      const ours = { stablemax_cross_entropy: 'stablemax', softmax_cross_entropy: 'softmax' };
      if (Object.hasOwn(ours, printValue(loss_type))) {
        draft.set(`${MODEL}.loss`, ours[loss_type as keyof typeof ours], comment);
      } else {
        throw valueInvalid(
          'arch.loss.loss_type',
          Object.keys(ours).join(' or '),
          printValue(loss_type),
        );
      }
      if (name !== undefined && name !== 'losses@ACTLossHead') {
        throw valueInvalid('arch.loss.name', 'losses@ACTLossHead', printValue(name));
      }
      const [other] = Object.keys(rest);
      if (other !== undefined) {
        throw valueInvalid(`arch.loss.${other}`, 'no such key: loss has name and loss_type', printValue(rest[other])); // prettier-ignore
      }
    },
  },
  hidden_size: model('hiddenSize', 'width of every activation'),
  num_heads: model('numHeads', 'attention heads'),
  expansion: model('expansion', 'inner width of SwiGLU over its outer width'),
  H_cycles: cycles('H', 'updates of the answer per step'),
  L_cycles: cycles('L', 'updates of the latent before each update of the answer'),
  H_layers: layers('H'),
  L_layers: layers('L'),
  mlp_t: model('mlpT', 'mix positions with an MLP instead of attention', [...TRM, ...HRM]),
  pos_encodings: oneOf(
    ['rope', 'learned', 'none'],
    model('positionEncoding', 'rope, learned or none'),
  ),
  rope_theta: model('ropeTheta', 'base of the RoPE frequencies'),
  rms_norm_eps: model('rmsNormEpsilon', 'epsilon: added to the mean square'),
  puzzle_emb_ndim: model('puzzleEmbeddingDim', 'length of a puzzle’s vector'),
  puzzle_emb_len: puzzleLength(),
  halt_max_steps: model('haltMaxSteps', 'largest number of supervision steps'),
  halt_exploration_prob: model('haltExplorationProbability', 'chance of a forced minimum of steps'),
  no_ACT_continue: model('noActContinue', 'halt on q_halt alone', TRM),
  act_enabled: model('actEnabled', 'whether the transformer halts adaptively', TRANSFORMER),
  act_inference: model('actInference', 'whether it does in evaluation', TRANSFORMER),
  forward_dtype: {
    meaning: 'dtype of activations',
    ours: 'engine.precision',
    carry: ({ draft, value, comment }) => {
      const ours = { bfloat16: 'bf16-mixed', float32: 'float32' };
      if (!Object.hasOwn(ours, printValue(value))) {
        throw valueInvalid('arch.forward_dtype', Object.keys(ours).join(' or '), printValue(value));
      }
      draft.set('engine.use', 'auto', 'the fastest engine that runs here');
      draft.set('engine.precision', ours[value as keyof typeof ours], comment);
    },
  },
  causal: left(
    'none',
    'ignored there',
    (value) => value === false,
    'the reference ignores it, too',
  ),
  batch_size: injected,
  vocab_size: injected,
  seq_len: injected,
  num_puzzle_identifiers: injected,
};
