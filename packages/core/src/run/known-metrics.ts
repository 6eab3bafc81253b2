/**
 * Metrics that core computes itself, and those that the contract of models names after the reference.
 * What an evaluator, a stage or a model reports beyond them, its plugin describes (`Plugin.metrics`).
 */
import type { MetricDescriptions } from '../contracts/metric.ts';

export const KNOWN_METRICS: MetricDescriptions = {
  exact_accuracy: {
    label: 'Puzzles solved',
    explanation: 'Share of puzzles of which every cell equals the solution.',
    scale: 'share',
    better: 'higher',
  },
  accuracy: {
    label: 'Cells right',
    explanation: 'Share of cells that equal the solution: the mean over puzzles.',
    scale: 'share',
    better: 'higher',
  },
  q_halt_accuracy: {
    label: 'Halting right',
    explanation:
      'Share of puzzles whose halting logit correctly predicts whether the answer is right (above 0 means right).',
    scale: 'share',
    better: 'higher',
  },
  steps: {
    label: 'Supervision steps',
    explanation: 'Mean number of supervision steps until a puzzle halts.',
  },
  lm_loss: {
    label: 'Answer loss',
    explanation:
      'Cross-entropy of the predicted cells: how improbable the model finds the solution.',
    better: 'lower',
  },
  q_halt_loss: {
    label: 'Halting loss',
    explanation:
      'Binary cross-entropy of the halting logit: how well it predicts that the answer is right.',
    better: 'lower',
  },
  q_continue_loss: {
    label: 'Continuing loss',
    explanation:
      'Binary cross-entropy of the logit for continuing, against the halting value one step later.',
    better: 'lower',
  },
  loss: {
    label: 'Total loss',
    explanation:
      'The value that training minimizes: the answer loss and the halting losses, weighted.',
    better: 'lower',
  },
  grad_norm: {
    label: 'Gradient norm',
    explanation: 'Length of the gradient of all trained parameters.',
  },
  lr: {
    label: 'Learning rate',
    explanation: 'Learning rate of the schedule at this step.',
  },
  count: {
    label: 'Halted',
    explanation:
      '1 if a puzzle halted in this step, else 0; accuracies cover only those that halted.',
    isPart: true,
  },
  exact_accuracy_best_q: {
    label: 'Solved, chosen by halting',
    explanation: 'Share of puzzles solved by the candidate of the highest halting logit.',
    scale: 'share',
    better: 'higher',
  },
  exact_accuracy_mode: {
    label: 'Solved, chosen by vote',
    explanation: 'Share of puzzles solved by the answer that most candidates give.',
    scale: 'share',
    better: 'higher',
  },
  exact_accuracy_any: {
    label: 'Solved by any candidate',
    explanation:
      'Share of puzzles that at least one candidate solves: what a perfect choice would reach.',
    scale: 'share',
    better: 'higher',
  },
};
