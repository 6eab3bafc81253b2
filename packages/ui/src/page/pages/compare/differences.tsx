/** The options, data, versions and machines in which runs differ. */
import type { CompareView, DifferenceView } from '../../../api/compare.ts';
import { Card } from '../../components/card.tsx';
import { RunLetter } from './run-letter.tsx';

const GROUPS: readonly { readonly key: DifferenceView['group']; readonly title: string }[] = [
  { key: 'options', title: 'Options' },
  { key: 'data', title: 'Data (content keys)' },
  { key: 'versions', title: 'Versions' },
  { key: 'machine', title: 'Engine and machine' },
];

export function Differences({ view: { runs, differences } }: { readonly view: CompareView }) {
  const same = GROUPS.filter(({ key }) => !differences.some(({ group }) => group === key));
  return (
    <Card title="What differs">
      {differences.length > 0 && (
        <div class="table-scroll" tabIndex={0} role="region" aria-label="What differs">
          <table class="table differences">
            <thead>
              <tr>
                <td />
                {runs.map(({ id }, i) => (
                  <th key={id} scope="col">
                    <RunLetter index={i} />
                  </th>
                ))}
              </tr>
            </thead>
            {GROUPS.filter((group) => !same.includes(group)).map(({ key, title }) => (
              <tbody key={key}>
                <tr>
                  <th scope="rowgroup" colSpan={runs.length + 1} class="group-title">
                    {title}
                  </th>
                </tr>
                {differences
                  .filter(({ group }) => group === key)
                  .map(({ what, values }) => (
                    <tr key={what}>
                      <th scope="row" class="mono">
                        {what}
                      </th>
                      {values.map((value, i) => (
                        <td
                          key={i}
                          class={`mono ${value === values[0] ? 'dim' : 'is-other'}`}
                          title={value ?? undefined}
                        >
                          {value ?? '–'}
                        </td>
                      ))}
                    </tr>
                  ))}
              </tbody>
            ))}
          </table>
        </div>
      )}
      {same.length > 0 && (
        <p class="dim differences-same">
          The same in all: {same.map(({ title }) => title.toLowerCase()).join(', ')}.
        </p>
      )}
    </Card>
  );
}
