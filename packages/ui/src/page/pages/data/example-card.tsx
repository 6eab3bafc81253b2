/** One example: the puzzle, its answer, and the versions that training sees of it. */
import { GridThumbnail, type GridStyle } from '@eddy/web/components';
import { useState } from 'preact/hooks';

import type { ExampleView, VersionsView } from '../../../api/data.ts';
import { get } from '../../client/api.ts';
import { useResource } from '../../client/resource.ts';
import { ProblemNote } from '../../components/empty-state.tsx';
import { formatCount } from '../../format.ts';

interface ExampleCardProps {
  readonly id: string;
  readonly split: string;
  readonly example: ExampleView;
  readonly gridStyle: GridStyle;
  readonly rows: number;
  readonly cols: number;
  /** True where a stage makes versions of this dataset while it is sampled. */
  readonly canVary: boolean;
}

export function ExampleCard(props: ExampleCardProps) {
  const { example, canVary, id, split, ...grid } = props;
  const { index, rating, group, puzzle, identifier, input, label } = example;
  const [isOpen, setOpen] = useState(false);
  return (
    <li class={isOpen ? 'example is-open' : 'example'}>
      <h3>
        {formatCount(index)}
        {identifier !== undefined && <span class="dim mono"> {identifier}</span>}
      </h3>
      <Pair {...grid} input={input} label={label} name={`Example ${index}`} />
      <p class="dim">
        {rating !== undefined && `rating ${Number(rating.toPrecision(4))}, `}
        group {formatCount(group)}
        {puzzle !== group && `, puzzle ${formatCount(puzzle)}`}
      </p>
      {canVary && (
        <button
          type="button"
          class="button button-small"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? 'Hide versions' : 'Show versions'}
        </button>
      )}
      {isOpen && <Versions {...props} />}
    </li>
  );
}

function Versions({ id, split, example, gridStyle, rows, cols }: ExampleCardProps) {
  const { index } = example;
  const { data, problem } = useResource(`${id}/${split}/${index}/versions`, (signal) =>
    get<VersionsView>(
      `/runs/${id}/data/versions?${new URLSearchParams({ split, index: String(index) })}`,
      signal,
    ),
  );
  if (data === undefined) {
    return problem ? <ProblemNote problem={problem} /> : <p class="dim">Making the versions …</p>;
  }
  if (data.total === 0) {
    return (
      <p class="dim">
        The versions cannot be shown, because the data or a plugin changed since the run.
      </p>
    );
  }
  if (data.total === 1) {
    return <p class="dim">The augmentation leaves the split {split} as it is: one version.</p>;
  }
  return (
    <>
      <p class="dim">
        {data.versions.length} of {formatCount(data.total)} versions; the first is the original.
      </p>
      <ul class="versions">
        {data.versions.map(({ version, input, label }) => (
          <li key={version}>
            <Pair
              {...{ gridStyle, rows, cols, input, label }}
              name={`Version ${version} of example ${index}`}
            />
          </li>
        ))}
      </ul>
    </>
  );
}

function Pair({
  gridStyle,
  rows,
  cols,
  input,
  label,
  name,
}: Pick<ExampleCardProps, 'gridStyle' | 'rows' | 'cols'> & {
  readonly input: readonly number[];
  readonly label: readonly number[];
  readonly name: string;
}) {
  const grid = { gridStyle, rows, cols, puzzle: input };
  return (
    <div class="pair">
      <GridThumbnail {...grid} cells={input} label={name} />
      <span aria-hidden="true">→</span>
      <GridThumbnail {...grid} cells={label} label={`${name}, its answer`} />
    </div>
  );
}
