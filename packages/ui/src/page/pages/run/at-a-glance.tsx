/** The four questions of whoever opens a run: how good, learning, when done, what went wrong. */
import { describeMetric } from '@eddy/core/metrics';

import type { RunHead, RunView, Trend } from '../../../api/run.ts';
import { formatCount, formatDuration, formatValue } from '../../format.ts';
import { problemsOf } from './problems.ts';

export function AtAGlance({ view }: { readonly view: RunView }) {
  return (
    <dl class="glance">
      <div class="glance-item">
        <dt>How good is it?</dt>
        <Result view={view} />
      </div>
      <div class="glance-item">
        <dt>Is it learning?</dt>
        <Learning view={view} />
      </div>
      <div class="glance-item">
        <dt>{view.head.status === 'running' ? 'When is it done?' : 'How far did it get?'}</dt>
        <Progress head={view.head} />
      </div>
      <div class="glance-item">
        <dt>What went wrong?</dt>
        <Wrong view={view} />
      </div>
    </dl>
  );
}

function Result({ view: { headline, metrics, evaluations } }: { readonly view: RunView }) {
  const result = headline?.result;
  if (headline === undefined || result?.metric === undefined) {
    return (
      <>
        <dd class="glance-figure dim">–</dd>
        <dd class="glance-note">
          {evaluations.length === 0 ? 'Nothing was evaluated yet.' : headline?.text}
        </dd>
      </>
    );
  }
  const { label, scale } = describeMetric(result.metric, metrics);
  return (
    <>
      <dd class="glance-figure">
        {formatValue(result.metrics[result.metric]!, { isShare: scale === 'share' })}
      </dd>
      <dd class="glance-note">
        <b>{label}</b> on {formatCount(result.examples)} of {result.split}. {sentence(headline.why)}
      </dd>
    </>
  );
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

const VERDICTS: Readonly<Record<Trend['verdict'], readonly [string, string]>> = {
  falling: ['Yes', 'good'],
  flat: ['Not measurably', ''],
  rising: ['It gets worse', 'bad'],
};

function Learning({ view: { head, metrics } }: { readonly view: RunView }) {
  const { trend, step } = head;
  if (trend === undefined) {
    return (
      <>
        <dd class="glance-figure dim">–</dd>
        <dd class="glance-note">
          {step === undefined ? 'No step yet.' : 'Too few steps to tell.'}
        </dd>
      </>
    );
  }
  const isOver = head.status !== 'running';
  const [word, colour] = VERDICTS[trend.verdict];
  const over = { falling: 'Yes, until the end', flat: 'Levelled off', rising: 'It got worse' };
  const format = (value: number) => formatValue(value, { isShare: false });
  return (
    <>
      <dd class={`glance-figure ${isOver && trend.verdict === 'flat' ? '' : colour}`}>
        {isOver ? over[trend.verdict] : word}
      </dd>
      <dd class="glance-note">
        <span class="glance-values">
          <b>{describeMetric(trend.metric, metrics).label}</b> {format(trend.before)} →{' '}
          {format(trend.now)}
        </span>
        Means over the last tenth of the steps and the tenth before it
        {trend.verdict === 'flat' ? '; the difference is within the noise' : ''}.
      </dd>
    </>
  );
}

function Progress({ head }: { readonly head: RunHead }) {
  const { step, totalSteps, elapsedMs, timeLeftMs, stepMs, activeStages, silentMs, status } = head;
  const isRunning = status === 'running';
  const share = step === undefined || !totalSteps ? undefined : step / totalSteps;
  return (
    <>
      <dd class="glance-figure">
        {isRunning && timeLeftMs !== undefined
          ? `${formatDuration(timeLeftMs)} left`
          : share === undefined
            ? isRunning
              ? 'Preparing'
              : '–'
            : status === 'done'
              ? 'Done'
              : `${Math.floor(100 * share)} %`}
      </dd>
      {share !== undefined && (
        <dd class="glance-meter">
          <span
            class="meter"
            role="progressbar"
            aria-label="Training steps"
            aria-valuenow={step}
            aria-valuemin={0}
            aria-valuemax={totalSteps}
          >
            <i style={{ width: `${status === 'done' ? 100 : 100 * share}%` }} />
          </span>
        </dd>
      )}
      <dd class="glance-note">
        {share !== undefined && (
          <>
            {status === 'done'
              ? `${formatCount(step!)} steps`
              : `Step ${formatCount(step!)} of ${formatCount(totalSteps!)}`}
            {stepMs !== undefined && `, ${formatDuration(stepMs)} each`}.{' '}
          </>
        )}
        {isRunning && timeLeftMs !== undefined && `Done about ${clockIn(timeLeftMs)}. `}
        {isRunning
          ? `${formatDuration(elapsedMs)} so far.`
          : `It took ${formatDuration(elapsedMs)}.`}
        {activeStages.length > 0 && share === undefined && ` Stage ${activeStages.join(', ')}.`}
        {silentMs !== undefined && (
          <b class="warn"> The run has recorded nothing for {formatDuration(silentMs)}.</b>
        )}
      </dd>
    </>
  );
}

function clockIn(ms: number): string {
  const now = new Date();
  const then = new Date(now.getTime() + ms);
  const time = then.toTimeString().slice(0, 5);
  return then.toDateString() === now.toDateString()
    ? time
    : `${then.toDateString().slice(0, 10)} ${time}`;
}

function Wrong({ view }: { readonly view: RunView }) {
  const problems = problemsOf(view);
  const worst = problems[0];
  if (worst === undefined) {
    return (
      <>
        <dd class="glance-figure">Nothing</dd>
        <dd class="glance-note">No error, no warning, all losses finite.</dd>
      </>
    );
  }
  return (
    <>
      <dd class={`glance-figure ${worst.level === 'error' ? 'bad' : 'warn'}`}>{worst.title}</dd>
      <dd class="glance-note">
        {worst.text}
        {problems.length > 1 &&
          `${/[.!?]$/.test(worst.text) ? '' : '.'} And ${problems.length - 1} more below.`}
      </dd>
    </>
  );
}
