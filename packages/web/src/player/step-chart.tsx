/** A small chart over supervision steps, whose current step is marked. */

export interface StepChartProps {
  /** Name of what is drawn. */
  readonly label: string;
  /** A value for each step. */
  readonly values: readonly number[];
  /** Index of the step that is shown. */
  readonly current: number;
  /** Value of the current step as it is written beside the name. */
  readonly text: string;
  /** What values above and below 0 mean; draws the line at 0. */
  readonly zero?: { readonly above: string; readonly below: string };
  /** Called with the index of the step that the pointer picks. */
  readonly onPick: (index: number) => void;
}

const [WIDTH, HEIGHT, MARGIN] = [240, 56, 6];

/** Draws values as a line with a point for each step. Its numbers are spoken elsewhere: the slider says them. */
export function StepChart({ label, values, current, text, zero, onPick }: StepChartProps) {
  const least = Math.min(0, ...values);
  const most = Math.max(zero === undefined ? 1e-9 : 0, ...values, least + 1e-9);
  const x = (step: number) =>
    values.length === 1 ? WIDTH / 2 : MARGIN + (step / (values.length - 1)) * (WIDTH - 2 * MARGIN);
  const y = (value: number) => MARGIN + ((most - value) / (most - least)) * (HEIGHT - 2 * MARGIN);
  const path = values.map((value, step) => `${step === 0 ? 'M' : 'L'}${x(step)} ${y(value)}`);
  return (
    <div class="eddy-chart">
      <p>
        <span>{label}</span> <b>{text}</b>
      </p>
      <svg
        aria-hidden="true"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        onPointerDown={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          const share = ((event.clientX - box.left) / box.width) * WIDTH - MARGIN;
          const step = Math.round((share / (WIDTH - 2 * MARGIN)) * (values.length - 1));
          onPick(Math.min(values.length - 1, Math.max(0, step)));
        }}
      >
        <path class="eddy-chart-zero" d={`M0 ${y(0)}H${WIDTH}`} />
        <path class="eddy-chart-current" d={`M${x(current)} 0V${HEIGHT}`} />
        <path class="eddy-chart-line" d={path.join('')} />
        {values.map((value, step) => (
          <circle
            key={step}
            class={step === current ? 'eddy-chart-here' : ''}
            cx={x(step)}
            cy={y(value)}
            r={step === current ? 4.5 : 2.5}
          />
        ))}
      </svg>
      {zero && (
        <p class="eddy-dim">
          above 0: {zero.above}; below: {zero.below}
        </p>
      )}
    </div>
  );
}
