/** The first screen: how the run ended, its result, what was trained on what, for how long, on which machine. */
import { describeMetric, evaluationSet, formatMetric, isHeadline } from '@eddy/core/report';
import type { Headline } from '@eddy/core/report';

import { formatBytes, formatCount, formatDate, formatDuration } from '../console/format.ts';
import { configFacts } from './config-facts.ts';
import { html, type Html } from './html.ts';
import type { ReportData } from './report-data.ts';

/** How a run stands that has not said how it ended. */
export type Unfinished = 'running' | 'interrupted';

const STATUS = {
  done: { text: 'Done', tone: 'good' },
  stopped: { text: 'Stopped', tone: 'warn' },
  failed: { text: 'Failed', tone: 'bad' },
  running: { text: 'Running', tone: 'plain' },
  interrupted: { text: 'Interrupted', tone: 'warn' },
};

export function headerSection(data: ReportData, unfinished: Unfinished): Html {
  const { run, finished } = data;
  const { text, tone } = STATUS[finished?.status ?? unfinished];
  const description = (run?.config as { description?: unknown } | null)?.description;
  return html`<header>
    <h1>${run?.name ?? 'Run'}</h1>
    <span class="status ${tone}">${text}</span>
    ${typeof description === 'string' ? html`<span class="dim">${description}</span>` : null}
  </header>`;
}

/** What went wrong and what to do about it; null for a run that is done. */
export function noticeSection(data: ReportData, unfinished: Unfinished, name: string): Html | null {
  const { finished } = data;
  const status = finished?.status ?? unfinished;
  if (status === 'done') return null;
  const resume = html`<pre>pipeline resume ${name}</pre>`;
  if (status === 'running') {
    return html`<div class="notice plain" role="status">
      <p>
        The run is still going: this page is updated after each evaluation. ${progressText(data)}
      </p>
    </div>`;
  }
  if (status === 'failed') {
    const { code, message, at, expected, received, fix } = finished?.error ?? {};
    const facts = Object.entries({ at, expected, received, fix });
    return html`<div class="notice bad" role="alert">
      <p><b>${message ?? 'The run failed.'}</b> ${progressText(data)}</p>
      <dl>
        ${facts.map(([key, fact]) =>
          fact === undefined
            ? null
            : html`<dt>${key}</dt>
                <dd>${fact}</dd>`,
        )}
        ${
          code === undefined
            ? null
            : html`<dt>code</dt>
                <dd><code>${code}</code></dd>`
        }
      </dl>
      ${data.trainings.some(({ last }) => last !== null) ? resume : null}
    </div>`;
  }
  const what =
    status === 'stopped'
      ? 'The run was stopped and its state was saved. Resume it with:'
      : 'The run ended without recording why: it was killed, or its machine went down. Resume it from its last checkpoint with:';
  return html`<div class="notice warn" role="status">
    <p>${progressText(data)} ${what}</p>
    ${resume}
  </div>`;
}

function progressText({ trainings }: ReportData): string {
  const last = trainings.at(-1)?.last;
  if (last === null || last === undefined) return 'No training step was done yet.';
  return `${formatCount(last.step)} of ${formatCount(last.totalSteps)} steps are done.`;
}

export function resultCard(data: ReportData): Html {
  const { headline, described } = data;
  const result = headline?.result;
  if (headline === undefined || result?.metric === undefined) {
    const why =
      headline === undefined ? 'Nothing was evaluated yet.' : `Weights of ${headline.text}.`;
    return html`<section class="result" aria-label="Result">
      <p class="figure">–</p>
      <p class="what">No result</p>
      <p>${why}</p>
    </section>`;
  }
  const { metric, metrics, split, examples } = result;
  const others = Object.keys(metrics).filter((name) => {
    const { better, scale } = describeMetric(name, described);
    return (
      name !== metric && isHeadline(name, described) && better === 'higher' && scale === 'share'
    );
  });
  return html`<section class="result" aria-label="Result">
    <p class="figure">${formatMetric(metric, metrics[metric]!, described)}</p>
    <p class="what">
      ${describeMetric(metric, described).label} of ${formatCount(examples)} examples of ${split}
    </p>
    <p>${choiceText(headline, data)}</p>
    <ul>
      ${others.slice(0, 3).map(
        (name) =>
          html`<li>
            <span>${describeMetric(name, described).label}</span>
            <span>${formatMetric(name, metrics[name]!, described)}</span>
          </li>`,
      )}
    </ul>
  </section>`;
}

/** Which weights the figures are of, and whether they were picked for them. */
function choiceText(
  { step, label, choice, result, isIndependent }: Headline,
  data: ReportData,
): string {
  const of = label === undefined ? '' : ` of ${label}`;
  const weights = `Weights of step ${formatCount(step)}${of}`;
  const { split, evaluations } = result!;
  const isTrained = split === 'train' ? ' The figures are for data that it was trained on.' : '';
  if (choice.by === 'last') {
    const many = `None of the ${formatCount(evaluations)} evaluations was picked for its result.`;
    const isPicked = isTrained === '' && evaluations > 1 ? ` ${many}` : '';
    return `${weights}, the last checkpoint.${isTrained}${isPicked}`;
  }
  const value = formatMetric(choice.metric, choice.value, data.described);
  const { label: metric } = describeMetric(choice.metric, data.described);
  const chosen = `${weights}: the best of ${formatCount(choice.evaluations)} by “${metric}” on ${choice.split} (${value}).`;
  if (!isIndependent) return `${chosen} Optimistic, because the same data chose the weights.`;
  if (isTrained !== '') return chosen + isTrained;
  return `${chosen} The figures are of ${split}, which had no part in the choice.`;
}

export function factsCard(data: ReportData): Html {
  const facts = [...trainedFacts(data), ...ranFacts(data)];
  return html`<dl class="facts">
    ${facts.map(
      ([label, value, more]) =>
        html`<div>
          <dt>${label}</dt>
          <dd>${value}${more === '' ? null : html`<small>${more}</small>`}</dd>
        </div>`,
    )}
  </dl>`;
}

type Fact = readonly [label: string, value: string, more: string];

function trainedFacts(data: ReportData): Fact[] {
  const { models, optimizers, augmentations } = configFacts(data.run?.config);
  const [plan] = data.trainings.flatMap((training) => training.plan ?? []);
  const leakage = [...data.leakage.keys()].join('; ');
  const facts: Fact[] = [];
  const parameters = plan === undefined ? '' : `${formatCount(plan.parameters)} parameters`;
  const what = [models.join(', '), parameters].filter((text) => text !== '');
  if (what.length > 0) facts.push(['Model', what.join(', '), '']);
  if (plan !== undefined) {
    const augmented = augmentations.length > 0 ? `augmented by ${augmentations.join(', ')}` : '';
    facts.push(['Trained on', plan.dataset, augmented]);
  }
  if (leakage !== '') facts.push(['Test data in training data', leakage, '']);
  for (const training of data.trainings) {
    const { label, last, stepMs, plan: own } = training;
    if (last === null) continue;
    const isWhole = data.finished?.status === 'done' || last.step === last.totalSteps;
    const of = isWhole ? '' : ` of ${formatCount(last.totalSteps)}`;
    const batch = own === null ? '' : `, batches of ${formatCount(own.globalBatchSize)}`;
    const epochs = last.epoch + 1;
    facts.push([
      label === undefined ? 'Training' : `Training ${label}`,
      `${formatCount(last.step)}${of} steps, ${formatCount(epochs)} ${epochs === 1 ? 'epoch' : 'epochs'}${batch}`,
      [optimizers.join(', '), stepMs === null ? '' : `${formatDuration(stepMs)} a step`]
        .filter((text) => text !== '')
        .join(', '),
    ]);
  }
  for (const { stage, reused } of data.stages.values()) {
    if (reused?.madeBy === undefined) continue;
    const { run, finishedAt } = reused.madeBy;
    facts.push([`Reused: ${stage}`, run, `trained on ${formatDate(finishedAt)}, not by this run`]);
  }
  return facts;
}

function ranFacts(data: ReportData): Fact[] {
  const { run, trainings, sessions } = data;
  const [plan] = trainings.flatMap((training) => training.plan ?? []).slice(-1);
  const facts: Fact[] = [];
  const started = (run?.startedAt ?? '').slice(0, 16).replace('T', ' ');
  const measured = data.evaluations.filter(({ isReused }) => isReused !== true);
  const evaluatingMs = measured.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const own = trainings.filter(({ isReused }) => !isReused);
  const trainingMs = own.reduce((sum, { totalStepMs }) => sum + totalStepMs, 0);
  const parts = [
    sessions > 1 ? `in ${sessions} sessions` : '',
    trainingMs > 0 ? `steps ${formatDuration(trainingMs)}` : '',
    evaluatingMs > 0 ? `evaluations ${formatDuration(evaluatingMs)}` : '',
    started === '' ? '' : `started ${started} UTC`,
  ];
  facts.push(['Time', formatDuration(data.lastMs), parts.filter((text) => text !== '').join(', ')]);
  const engine = plan?.engine ?? run?.engine;
  if (engine !== undefined) {
    const precision = plan?.precision ?? run?.precision ?? '';
    facts.push([
      'Engine',
      engine,
      [precision, memoryText(plan)].filter((text) => text !== '').join(', '),
    ]);
  }
  if (run?.machine !== undefined) facts.push(['Machine', run.machine, '']);
  return facts;
}

function memoryText(plan: { readonly memoryBytes: number } | undefined): string {
  if (plan === undefined || plan.memoryBytes === 0) return '';
  return `${formatBytes(plan.memoryBytes)} planned`;
}

/** Commands about this run, from the folder above it. */
export function useSection(data: ReportData, name: string): Html | null {
  const hasCheckpoint = data.evaluations.length > 0 || data.finished?.status === 'done';
  if (data.trainings.length === 0 || !hasCheckpoint) return null;
  const sets = new Set(data.evaluations.map((evaluation) => evaluationSet(evaluation)));
  // The checkpoint that the figures above are of.
  const run = data.headline?.choice.by === 'monitor' ? `${name} --which best` : name;
  const commands: [string, string][] = [
    ['Solve the first test puzzle, step by step', `pipeline predict ${run} --example 0 --trace`],
    ...(sets.size > 0 ? [['Evaluate again', `pipeline evaluate ${run}`] as [string, string]] : []),
    ['Export the weights', `pipeline export ${run} --format safetensors -o ${name}.safetensors`],
    ['Solve puzzles in any browser', `pipeline export ${name} --format web -o solve.html`],
    ['Repeat this training', `pipeline run ${name}/config.yml --force`],
  ];
  return html`<section aria-labelledby="use">
    <h2 id="use">
      Use it <span class="dim">in the folder that holds the run: ${parentOf(data)}</span>
    </h2>
    <dl class="use">
      ${commands.map(
        ([label, command]) =>
          html`<dt>${label}</dt>
            <dd><pre>${command}</pre></dd>`,
      )}
    </dl>
  </section>`;
}

function parentOf({ run }: ReportData): string {
  return run?.folder.replace(/[/\\][^/\\]*$/, '') ?? '';
}
