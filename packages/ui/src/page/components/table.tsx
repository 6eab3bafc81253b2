import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

export interface TableColumn<T> {
  readonly key: string;
  readonly title: string;
  readonly cell: (row: T) => ComponentChildren;
  /** Makes the column sortable: undefined sorts last in both directions. */
  readonly sortBy?: (row: T) => number | string | undefined;
  /** Numbers are aligned at the right. */
  readonly isNumber?: boolean;
  /** If true, the column is left out on narrow screens. */
  readonly isWide?: boolean;
  /** Longer explanation of the title. */
  readonly hint?: string;
}

export interface Sorting {
  readonly key: string;
  readonly descending: boolean;
}

export interface TableProps<T> {
  /** Says what the table lists, for screen readers. */
  readonly label: string;
  readonly columns: readonly TableColumn<T>[];
  /** In the order to show; `sortRows` sorts them. */
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
  readonly sorting?: Sorting | undefined;
  readonly onSort?: ((sorting: Sorting) => void) | undefined;
  /** Enter or a click opens a row. */
  readonly onOpen?: ((row: T) => void) | undefined;
  /** Space or a click in the first column selects a row. */
  readonly selected?: ReadonlySet<string> | undefined;
  readonly onSelect?: ((row: T) => void) | undefined;
  /** What a row is called where it is selected: `sudoku-4x4-…`. */
  readonly nameOf?: ((row: T) => string) | undefined;
}

/** Rows are drawn for what is in sight once there are more than so many. */
const WHOLE = 120;
const ROW_HEIGHT = 41;
const OVERSCAN = 12;
const MOVES: Readonly<Record<string, number>> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };

/** Sorts rows by a column; rows without a value come last. Stable. */
export function sortRows<T>(
  rows: readonly T[],
  columns: readonly TableColumn<T>[],
  { key, descending }: Sorting,
): T[] {
  const sortBy = columns.find((column) => column.key === key)?.sortBy;
  if (sortBy === undefined) return [...rows];
  const sign = descending ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [x, y] = [sortBy(a), sortBy(b)];
    const [hasX, hasY] = [isThere(x), isThere(y)];
    if (!hasX || !hasY) return Number(hasY) - Number(hasX);
    return x === y ? 0 : x! < y! ? -sign : sign;
  });
}

function isThere(value: number | string | undefined): boolean {
  return value !== undefined && !Number.isNaN(value);
}

/**
 * A table that sorts, opens and selects by mouse and keyboard: arrow keys (or j and k) move between rows,
 * Enter opens, Space selects.
 */
export function Table<T>(props: TableProps<T>) {
  const { label, columns, rows, keyOf, sorting, onSort, onOpen, selected, onSelect, nameOf } =
    props;
  const body = useRef<HTMLTableSectionElement>(null);
  const [begin, end] = useRowsInSight(body, rows.length);
  const isLive = onOpen !== undefined || onSelect !== undefined;
  const span = columns.length + (onSelect === undefined ? 0 : 1);

  const onKey = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    const rowElement = target.closest('tr');
    const index = Number(rowElement?.dataset['index'] ?? NaN);
    if (!Number.isInteger(index)) return;
    const row = rows[index]!;
    const move = MOVES[event.key];
    if (move !== undefined) {
      event.preventDefault();
      focusRow(body.current!, index + move);
    } else if (event.key === 'Enter' && target === rowElement) onOpen?.(row);
    else if ((event.key === ' ' || event.key === 'x') && target === rowElement) {
      event.preventDefault();
      onSelect?.(row);
    }
  };

  return (
    // Where nothing inside takes the focus, the box itself does: a narrow one is scrolled by keyboard, too.
    <div
      class="table-scroll"
      {...(isLive ? {} : { tabIndex: 0, role: 'region', 'aria-label': label })}
    >
      <table
        class={isLive ? 'table table-live' : 'table'}
        aria-label={label}
        aria-rowcount={rows.length + 1}
      >
        <thead>
          <tr aria-rowindex={1}>
            {onSelect !== undefined && (
              <th class="table-select" scope="col">
                <span class="visually-hidden">Select</span>
              </th>
            )}
            {columns.map((column) => (
              <HeadCell key={column.key} column={column} sorting={sorting} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody ref={body} onKeyDown={onKey}>
          <Spacer rows={begin} span={span} />
          {rows.slice(begin, end).map((row, i) => {
            const key = keyOf(row);
            const isSelected = selected?.has(key) ?? false;
            return (
              <tr
                key={key}
                data-index={begin + i}
                aria-rowindex={begin + i + 2}
                class={isSelected ? 'is-selected' : undefined}
                tabIndex={isLive ? (begin + i === begin ? 0 : -1) : undefined}
                onClick={(event) => {
                  const isControl =
                    (event.target as HTMLElement).closest('a,button,input') !== null;
                  if (!isControl && getSelection()?.isCollapsed !== false) onOpen?.(row);
                }}
              >
                {onSelect !== undefined && (
                  <td class="table-select">
                    <input
                      type="checkbox"
                      aria-label={`Select ${nameOf?.(row) ?? key}`}
                      checked={isSelected}
                      onChange={() => onSelect(row)}
                    />
                  </td>
                )}
                {columns.map((column) => (
                  <td key={column.key} class={cellClass(column)}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            );
          })}
          <Spacer rows={rows.length - end} span={span} />
        </tbody>
      </table>
    </div>
  );
}

function HeadCell<T>({
  column,
  sorting,
  onSort,
}: { readonly column: TableColumn<T> } & Pick<TableProps<T>, 'sorting' | 'onSort'>) {
  const { key, title, sortBy, hint } = column;
  const isSorted = sorting?.key === key;
  const direction = isSorted ? (sorting.descending ? 'descending' : 'ascending') : undefined;
  if (sortBy === undefined || onSort === undefined) {
    return (
      <th scope="col" class={cellClass(column)} title={hint}>
        {title}
      </th>
    );
  }
  // Numbers are first wanted from the greatest.
  const descending = isSorted ? !sorting.descending : column.isNumber === true;
  return (
    <th scope="col" class={cellClass(column)} aria-sort={direction} title={hint}>
      <button type="button" class="sort" onClick={() => onSort({ key, descending })}>
        {title}
        <span class="sort-sign" aria-hidden="true">
          {isSorted ? (sorting.descending ? '↓' : '↑') : ''}
        </span>
      </button>
    </th>
  );
}

function Spacer({ rows, span }: { readonly rows: number; readonly span: number }) {
  if (rows === 0) return null;
  return (
    <tr aria-hidden="true" class="spacer">
      <td colSpan={span} style={{ height: `${rows * ROW_HEIGHT}px` }} />
    </tr>
  );
}

function cellClass({
  isNumber,
  isWide,
}: {
  readonly isNumber?: boolean;
  readonly isWide?: boolean;
}) {
  const classes = [isNumber === true ? 'is-number' : '', isWide === true ? 'is-wide' : ''];
  return classes.filter(Boolean).join(' ') || undefined;
}

function focusRow(body: HTMLElement, index: number): void {
  const find = () => body.querySelector<HTMLElement>(`tr[data-index="${index}"]`);
  find()?.focus();
  find()?.scrollIntoView({ block: 'nearest' });
}

/** First row in sight and the one after the last, with some around them. */
function useRowsInSight(
  body: { readonly current: HTMLTableSectionElement | null },
  count: number,
): readonly [number, number] {
  const [first, setFirst] = useState(0);
  const inSight = Math.ceil(innerHeight / ROW_HEIGHT) + 2 * OVERSCAN;
  useEffect(() => {
    if (count <= WHOLE) return;
    const onScroll = () => {
      const top = body.current?.getBoundingClientRect().top ?? 0;
      const row = Math.max(0, Math.floor(-top / ROW_HEIGHT) - OVERSCAN);
      // In steps, so that not every pixel draws anew.
      setFirst(row - (row % (OVERSCAN / 2)));
    };
    onScroll();
    addEventListener('scroll', onScroll, { passive: true });
    return () => removeEventListener('scroll', onScroll);
  }, [count, body]);
  if (count <= WHOLE) return [0, count];
  const begin = Math.max(0, Math.min(first, count - inSight));
  return [begin, Math.min(count, begin + inSight)];
}
