/** What a card of curves lets a person choose: the steps shown, the scale, and what the card adds. */
import type { ComponentChildren } from 'preact';

import { Checkbox } from './checkbox.tsx';
import type { ChartProps } from './chart.tsx';

interface CurveToolsProps extends Pick<ChartProps, 'zoom'> {
  readonly onZoom: NonNullable<ChartProps['onZoom']>;
  readonly isLog: boolean;
  readonly onLog: (isLog: boolean) => void;
  readonly children?: ComponentChildren;
}

export function CurveTools({ zoom, onZoom, isLog, onLog, children }: CurveToolsProps) {
  return (
    <div class="curves-tools">
      {zoom !== undefined && (
        <button type="button" class="button button-small" onClick={() => onZoom(undefined)}>
          Show all steps
        </button>
      )}
      {children}
      <Checkbox label="Log scale" checked={isLog} onChange={onLog} />
    </div>
  );
}
